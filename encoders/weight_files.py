"""The files that hold a checkpoint's weights."""

from pathlib import Path

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.json_file import read_object

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
            return [index, *(folder / shard for shard in shards_of(index))]
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


def shards_of(index: Path) -> list[str]:
    """Return the names of the files that an index lists, in order.

    Raises
    ------
    InputError
        If there is none, or it is damaged.
    """
    expected, remedy = "an index of weights", "fetch the checkpoint again"
    places = read_object(index, expected, remedy).get("weight_map")
    names = places.values() if isinstance(places, dict) else ()
    if not names or not all(_is_plain(name) for name in names):
        raise InputError(index, None, "no list of shards", expected, remedy)
    return sorted(set(names))


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and name != "" and Path(name).name == name
