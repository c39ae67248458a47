"""What a checkpoint's ``config.json`` says of its model."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tasb_pyserini.encoders.spec import SPEC_FILE, EncoderSpec, is_count
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.json_file import read_object

_COUNTS = (
    *("vocab_size", "max_position_embeddings"),
    *("dim", "n_layers", "n_heads"),  # DistilBERT's names
    *("hidden_size", "num_hidden_layers", "num_attention_heads"),
)
_STRINGS = ("model_type", "activation", "hidden_act")


def read_config(folder: Path) -> dict[str, Any]:
    """Return what ``config.json`` says of a checkpoint's model.

    Raises
    ------
    InputError
        If it is not a JSON object, or a value has the wrong type.
    """
    path = folder / "config.json"
    config = read_object(path, "a model's configuration")
    for names, right, expected in (
        (_COUNTS, lambda value: is_count(value, 1), "a whole number from 1 on"),
        (_STRINGS, lambda value: isinstance(value, str), "a string"),
        (("layer_norm_eps",), _is_positive, "a number above 0"),
    ):
        for name in names:
            if name in config and not right(config[name]):
                said = json.dumps(config[name])
                raise InputError(path, None, f"{name} is {said}", expected)
    return config


def read_any_config(folder: Path, expected: str) -> dict[str, Any]:
    """Return what ``config.json`` says of a model of any kind, unchecked.

    Parameters
    ----------
    folder
        Of the model.
    expected
        What it should be, for errors.

    Raises
    ------
    TasbError
        If there is none, or it is not a JSON object.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise TasbError(f"{folder}: no config.json; expected {expected}")
    return read_object(path, expected)


def check_sizes(
    folder: Path,
    config: Mapping[str, Any],
    vocabulary: Mapping[str, int],
    spec: EncoderSpec,
) -> None:
    """Refuse a model that has no vectors for some tokens or positions.

    Some backends read beyond their tables without a word.

    Parameters
    ----------
    folder
        Of the model.
    config
        From :func:`read_config`.
    vocabulary
        Token → id, of the tokenizer.
    spec
        What the model is.

    Raises
    ------
    TasbError
        If the tokenizer has a token that the model doesn't know, or the spec's limits
        are longer than its longest text.
    """
    if "vocab_size" in config:
        check_ids(folder, vocabulary, config["vocab_size"])
    positions = config.get("max_position_embeddings")
    longest = max(spec.query_max_length, spec.passage_max_length)
    if positions is not None and longest > positions:
        raise TasbError(
            f"{folder}: the model reads {positions} tokens; lower query_max_length and "
            f"passage_max_length ({longest}) in {SPEC_FILE}"
        )


def check_ids(folder: Path, vocabulary: Mapping[str, int], embeddings: int) -> None:
    """Refuse a tokenizer with tokens that the model has no embedding for.

    Ids may have holes: the highest counts, not how many there are.

    Raises
    ------
    TasbError
        If there is one.
    """
    highest = max(vocabulary.values(), default=0)
    if highest >= embeddings:
        raise TasbError(
            f"{folder}: the tokenizer has token {highest}, the model {embeddings} "
            "embeddings; expected a tokenizer and a model that belong together"
        )


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and value is not True and value > 0
