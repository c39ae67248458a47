"""What ``tokenizer_config.json`` says of BERT's normaliser."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.json_file import read_object

_NAMES = {
    "do_lower_case": "lowercase",
    "strip_accents": "strip_accents",
    "tokenize_chinese_chars": "handle_chinese_chars",
}
"""There, and in `tokenizers`."""

_AS_SAVED = ("PreTrainedTokenizerFast", "TokenizersBackend")
"""Classes of transformers that take a ``tokenizer.json`` as it is."""


def read_settings(folder: Path) -> dict[str, Any]:
    """Return what is said, by the names of :class:`tokenizers.normalizers`.

    Raises
    ------
    InputError
        If the file is not a JSON object, or a value is of the wrong type.
    """
    return _known(_read(folder), folder)


def heed_settings(tokenizer: Tokenizer, folder: Path) -> None:
    """Let what is said decide over a ``tokenizer.json``, as transformers does.

    What is not said stays as it was saved.

    Parameters
    ----------
    tokenizer
        Read from the ``tokenizer.json``; changed.
    folder
        Of both files.

    Raises
    ------
    InputError
        As of :func:`read_settings`.
    """
    config, normalizer = _read(folder), tokenizer.normalizer
    if config.get("tokenizer_class") in _AS_SAVED:
        return
    settings = _known(config, folder)
    if isinstance(normalizer, BertNormalizer):
        for name, value in settings.items():
            setattr(normalizer, name, value)
        tokenizer.normalizer = normalizer


def _read(folder: Path) -> dict[str, Any]:
    path = folder / "tokenizer_config.json"
    return read_object(path, "a tokenizer's settings") if path.is_file() else {}


def _known(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    given = {key: config[key] for key in _NAMES if key in config}
    for key, value in given.items():
        if not (isinstance(value, bool) or (key == "strip_accents" and value is None)):
            path, said = folder / "tokenizer_config.json", json.dumps(value)
            raise InputError(path, None, f"{key} is {said}", "true or false")
    return {_NAMES[key]: value for key, value in given.items()}
