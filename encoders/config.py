"""What a checkpoint's ``config.json`` says of its model."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

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


def check_sizes(folder: Path, tokenizer: Tokenizer, spec: EncoderSpec) -> None:
    """Refuse a model that has no vectors for some tokens or positions.

    Some backends read beyond their tables without a word.

    Raises
    ------
    TasbError
        If the tokenizer knows more tokens than the model, or the spec's limits are
        longer than its longest text.
    """
    config = read_config(folder)
    tokens, positions = (
        tokenizer.get_vocab_size(),
        config.get("max_position_embeddings"),
    )
    if tokens > config.get("vocab_size", tokens):
        raise TasbError(
            f"{folder}: the tokenizer knows {tokens:,} tokens, the model "
            f"{config['vocab_size']:,}; expected the tokenizer that it was trained with"
        )
    longest = max(spec.query_max_length, spec.passage_max_length)
    if positions is not None and longest > positions:
        raise TasbError(
            f"{folder}: the model reads {positions} tokens; lower query_max_length and "
            f"passage_max_length ({longest}) in {SPEC_FILE}"
        )
