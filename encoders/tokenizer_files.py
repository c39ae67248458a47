"""The files of a checkpoint's tokenizer: there, or copied."""

from pathlib import Path

from tasb_pyserini.formats.replace import replace_bytes

TOKENIZER_FILES = (
    "vocab.txt",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
)
VOCABULARIES = ("tokenizer.json", "vocab.txt")


def lack_of_tokenizer(folder: Path) -> str:
    """Return what is missing; empty for nothing."""
    if any((folder / name).is_file() for name in VOCABULARIES):
        return ""
    return f"no tokenizer; expected {' or '.join(VOCABULARIES)}"


def copy_tokenizer(start: Path, folder: Path) -> None:
    """Copy what a checkpoint has of a tokenizer's files into an existing folder."""
    for name in TOKENIZER_FILES:
        if (start / name).is_file():
            content = (start / name).read_bytes()
            with replace_bytes(folder / name) as file:
                file.write(content)
