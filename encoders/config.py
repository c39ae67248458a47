"""What a checkpoint's ``config.json`` says of its model."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tasb_pyserini.encoders.spec import SPEC_FILE, EncoderSpec
from tasb_pyserini.formats.errors import InputError, TasbError


def read_config(folder: Path) -> dict[str, Any]:
    """Return what ``config.json`` says of a checkpoint's model.

    Raises
    ------
    InputError
        If it is not a JSON object.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(path, None, "not JSON", "a model's configuration") from error
    if not isinstance(config, dict):
        raise InputError(path, None, "not a JSON object", "a model's configuration")
    return config


def check_sizes(folder: Path, vocabulary: Mapping[str, int], spec: EncoderSpec) -> None:
    """Refuse a model that has no vectors for some tokens or positions.

    Some backends read beyond their tables without a word.

    Parameters
    ----------
    folder
        Of the model.
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
    config = read_config(folder)
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
