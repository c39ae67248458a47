"""Scores of long work under way: finite, and in finished shards."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.replace import replace_bytes
from tasb_pyserini.formats.work import AGAIN


def work_folder(output: Path) -> Path:
    """Return where the shards of a run that writes `output` are kept meanwhile."""
    return output.with_name(f"{output.name}.scoring")


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
            f"delete the file and {AGAIN}",
        )
    return scores


def refuse_wild(scores: NDArray[np.float32], pair: Callable[[int], str]) -> None:
    """Raise an error where a model's score is not a finite number.

    Parameters
    ----------
    scores
        Of any pairs.
    pair
        Names the pair of a place among them.

    Raises
    ------
    TasbError
        With the first such pair.
    """
    wild = np.flatnonzero(~np.isfinite(scores))
    if len(wild):
        first = int(wild[0])
        raise TasbError(
            f"score {scores[first]} of {pair(first)}; expected a finite number; try "
            "--precision fp32, or another checkpoint"
        )


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:05}.npy"
