"""Several index folders, searched as one."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.best import Positions, ordered
from tasb_pyserini.search.faiss_index import FaissIndex, Vectors


def open_index(
    folders: Sequence[Path], device: str = "cpu"
) -> "FaissIndex | ShardedIndex":
    """Open one index folder, or several as one.

    Raises
    ------
    TasbError
        As `FaissIndex` and `ShardedIndex`.
    """
    opened = [FaissIndex(folder, device) for folder in folders]
    return opened[0] if len(opened) == 1 else ShardedIndex(opened)


class ShardedIndex:
    """Indexes of parts of a collection, merged exactly; used as a `FaissIndex` is.

    Flat and fp16 parts give the hits of one index of all their passages, equal scores
    included; other kinds those of each part, best first.

    Parameters
    ----------
    parts
        In the collection's order.

    Raises
    ------
    TasbError
        If there are none, they differ in dimension, or one has a docid of another.
    """

    def __init__(self, parts: Sequence[FaissIndex]) -> None:
        if not parts:
            raise TasbError("no index folder; expected one at least")
        self.parts = parts
        self.folders = tuple(part.folder for part in parts)
        self.folder = self.folders[0]
        self.dimension = parts[0].dimension
        self.docids = list(chain.from_iterable(part.docids for part in parts))
        self._ends = np.cumsum([len(part.docids) for part in parts])
        for part in parts:
            if part.dimension != self.dimension:
                raise TasbError(
                    f"{part.folder}: an index of {part.dimension} dimensions beside "
                    f"{self.folder} of {self.dimension}; expected the same encoder's"
                )
        refuse_the_same_docid(parts)

    def search(
        self, vectors: Vectors, k: int, threads: int | None = None
    ) -> tuple[Vectors, Positions]:
        """Return the scores and positions of the `k` best passages of each query.

        Positions count through all parts; all else is as in `FaissIndex.search`.
        """
        scores, positions = [], []
        for part, start in zip(self.parts, self._starts(), strict=True):
            own_scores, own = part.search(vectors, k, threads)
            scores.append(own_scores)
            positions.append(np.where(own < 0, own, own + start))
        merged = ordered(np.hstack(scores), np.hstack(positions))
        return merged[0][:, :k].copy(), merged[1][:, :k].copy()

    def reconstruct(self, positions: NDArray[np.integer[Any]]) -> Vectors:
        """Return passages' vectors, fp32, shape ``(n, dimension)``."""
        vectors = np.empty((len(positions), self.dimension), np.float32)
        part_of = np.searchsorted(self._ends, positions, side="right")
        for number, start in enumerate(self._starts()):
            here = part_of == number
            if here.any():
                own = np.asarray(positions)[here] - start
                vectors[here] = self.parts[number].reconstruct(own)
        return vectors

    def _starts(self) -> list[int]:
        return [0, *self._ends[:-1].tolist()]


def refuse_the_same_docid(parts: Sequence[FaissIndex]) -> None:
    """Refuse parts that overlap: a passage would be found twice.

    Raises
    ------
    TasbError
        If two parts have the same docid, naming both.
    """
    if len(set().union(*(part.docids for part in parts))) == sum(
        len(set(part.docids)) for part in parts
    ):
        return
    seen: dict[str, Path] = {}
    for part in parts:
        for docid in dict.fromkeys(part.docids):
            if docid in seen:
                raise TasbError(
                    f"{part.folder}: docid {docid} is in {seen[docid]} too; "
                    "expected indexes of different passages"
                )
            seen[docid] = part.folder
