"""Search, read the vectors of the best passages, and search again."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.best import Positions
from tasb_pyserini.search.dense import Index
from tasb_pyserini.search.faiss_index import Vectors

Feedback = Callable[[Vectors, Vectors], Vectors]
"""From a query's vector and its best passages' to a new query vector."""


@runtime_checkable
class ReadableIndex(Index, Protocol):
    """An index that gives its vectors back."""

    def reconstruct(self, positions: NDArray[np.integer[Any]]) -> Vectors:
        """Return the vectors at `positions`, fp32."""


class FeedbackIndex:
    """An index whose searches are searches with feedback.

    It takes an index's place wherever one is searched. Each query is searched for
    `depth` passages first, and then again with its new vector.

    Parameters
    ----------
    index
        What is searched.
    depth
        Passages that feed back, at least 1.
    feedback
        :func:`~tasb_pyserini.search.prf.average.average` or
        :func:`~tasb_pyserini.search.prf.rocchio.rocchio`.

    Raises
    ------
    TasbError
        If the index can't give its vectors back.
    """

    def __init__(self, index: Index, depth: int, feedback: Feedback) -> None:
        if not isinstance(index, ReadableIndex):
            raise unreadable(index)
        self.index, self.depth, self.feedback = index, depth, feedback
        self.folders, self.docids = index.folders, index.docids

    def search(
        self, vectors: Vectors, k: int, threads: int | None = None
    ) -> tuple[Vectors, Positions]:
        """Return scores and positions of the second search, as `FaissIndex.search`.

        Scores are of the new query vectors, as in Pyserini.
        """
        return self.index.search(self.expand(vectors, threads), k, threads)

    def expand(self, vectors: Vectors, threads: int | None = None) -> Vectors:
        """Return the new query vectors; a query that finds nothing keeps its own."""
        _, positions = self.index.search(vectors, self.depth, threads)
        expanded = np.array(vectors, dtype=np.float32)
        for row, found in enumerate(positions):
            found = found[found >= 0]
            if found.size:
                expanded[row] = self.feedback(expanded[row], self._read(found))
        return expanded

    def _read(self, positions: Positions) -> Vectors:
        try:
            return self.index.reconstruct(positions)
        except RuntimeError as error:  # of Faiss
            raise unreadable(self.index) from error


def unreadable(index: Index) -> TasbError:
    """Return the error of an index that does not give its vectors back."""
    return TasbError(
        f"{index.folders[0]}: feedback reads the passages' vectors, which this kind of "
        "index does not give; search without feedback, or a flat Faiss index"
    )
