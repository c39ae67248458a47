"""The folder of a scoring run under way: finished shards, and what they belong to."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.files import replace_bytes, replace_file
from tasb_pyserini.training.pairs import store

MANIFEST = "manifest.json"


def refuse_other(output: Path) -> None:
    """Raise an error, before any work, where `output` is not there for pairs.

    Raises
    ------
    TasbError
        If it holds something else.
    """
    if output.is_file() or (
        output.is_dir()
        and any(output.iterdir())
        and not (output / store.MANIFEST).is_file()
    ):
        raise TasbError(
            f"{output}: holds something else; expected a new folder, or one of pairs "
            "to put these in its place"
        )


def work_folder(output: Path) -> Path:
    """Return where the shards of a run that writes `output` are kept meanwhile."""
    return output.with_name(f"{output.name}.scoring")


@contextmanager
def open_work(folder: Path, manifest: dict[str, Any]) -> Iterator[None]:
    """Make the folder ready, new or left over from the same work; hold it alone.

    Parameters
    ----------
    folder
        From `work_folder`.
    manifest
        All that the scores depend on.

    Raises
    ------
    TasbError
        If the folder belongs to other work, or another process is at work in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            _claim(folder, manifest)
            yield
    except Timeout as error:
        raise TasbError(f"{folder}: another process is scoring into it") from error


def has_scores(folder: Path, number: int) -> bool:
    """Tell whether a shard is finished."""
    return _path(folder, number).is_file()


def write_scores(folder: Path, number: int, scores: NDArray[np.float32]) -> None:
    """Write a shard; after a crash it is there as a whole or not at all."""
    content = io.BytesIO()
    np.save(content, scores)
    with replace_bytes(_path(folder, number)) as file:
        file.write(content.getbuffer())


def read_scores(folder: Path, number: int, size: int) -> NDArray[np.float32]:
    """Return the scores of a finished shard, shape ``(size,)``.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = _path(folder, number)
    scores: NDArray[np.float32] | None
    try:
        scores = np.load(path, allow_pickle=False)
    except (ValueError, EOFError):
        scores = None
    if scores is None or scores.shape != (size,) or scores.dtype != np.float32:
        raise InputError(
            path,
            None,
            "damaged",
            f"{size} scores",
            "delete the file and run tasb score again",
        )
    return scores


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:05}.npy"


def _claim(folder: Path, manifest: dict[str, Any]) -> None:
    path = folder / MANIFEST
    if not path.is_file():
        with replace_file(path) as file:
            json.dump(manifest, file, indent=2)
            file.write("\n")
        return
    try:
        there = json.loads(path.read_bytes())
    except ValueError:
        there = None
    if not isinstance(there, dict):
        raise InputError(
            path,
            None,
            "not a manifest",
            "what tasb score wrote",
            "delete the folder",
        )
    differing = [
        f"{key}: there {there.get(key)!r}, now {value!r}"
        for key, value in manifest.items()
        if there.get(key) != value
    ]
    if differing:
        raise TasbError(
            f"{folder}: holds scores of other work ({'; '.join(differing)}); "
            "choose another output or delete this folder"
        )
