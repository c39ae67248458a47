"""The files that hold a checkpoint's weights."""

import json
from pathlib import Path

from tasb_pyserini.formats.errors import InputError

WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Weight files in the order in which they are looked for."""

INDEX = ".index.json"
"""Ending of the file that lists the shards of a weight file."""

PATTERNS = (
    *(*WEIGHTS, *(f"{name}{INDEX}" for name in WEIGHTS)),
    *("model-*.safetensors", "pytorch_model-*.bin"),
)
"""Patterns of all their names."""


def weight_files(folder: Path) -> list[Path]:
    """Return the one weight file, or the index and its shards by name; or nothing.

    Raises
    ------
    InputError
        If an index is damaged.
    """
    for name in WEIGHTS:
        if (folder / name).is_file():
            return [folder / name]
        index = folder / f"{name}{INDEX}"
        if index.is_file():
            return [index, *(folder / shard for shard in _shards(index))]
    return []


def lack_of_weights(folder: Path) -> str:
    """Return what is missing; empty for nothing."""
    files = weight_files(folder)
    if not files:
        return f"no weights; expected {' or '.join(WEIGHTS)}, or their shards"
    for path in files:
        if not path.is_file():
            return f"no {path.name}; expected all that {files[0].name} lists"
    return ""


def _shards(index: Path) -> list[str]:
    try:
        names = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
        plain = bool(names) and all(Path(name).name == name for name in names)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        plain = False
    if not plain:
        raise InputError(index, None, "no list of shards", "an index of weights")
    return names
