"""The files of a checkpoint's tokenizer: there, or copied."""

import shutil
from pathlib import Path

from tokenizers import Tokenizer

from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError

TOKENIZER_FILES = (
    "vocab.txt",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
)
VOCABULARIES = ("tokenizer.json", "vocab.txt")


def require_tokenizer(folder: Path) -> Tokenizer:
    """Load a checkpoint's tokenizer.

    Raises
    ------
    TasbError
        If there is none.
    """
    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise TasbError(f"{folder}: no tokenizer; expected {' or '.join(VOCABULARIES)}")
    return load_tokenizer(folder)


def copy_tokenizer(start: Path, folder: Path) -> None:
    """Copy what a checkpoint has of a tokenizer's files into an existing folder."""
    for name in TOKENIZER_FILES:
        if (start / name).is_file():
            shutil.copy(start / name, folder)
