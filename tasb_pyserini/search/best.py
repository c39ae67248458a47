"""The `k` best passages, where equal scores do not leave the choice to chance.

Faiss orders equal scores, and picks among those at the `k`-th place, as its heaps
happen to. Here the lower position comes first. So hits depend neither on the batch nor
on how a collection is divided into indexes.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Positions = NDArray[np.int64]
Search = Callable[[NDArray[np.float32], int], tuple[Scores, Positions]]

ROUNDING = 1e-5
"""Scores nearer than this share of the highest may be ordered either way by a search
that rounds differently for many queries and for one."""


def ordered(scores: Scores, positions: Positions) -> tuple[Scores, Positions]:
    """Sort hits by score, best first, equal ones by position; missing ones last."""
    scores = np.where(positions < 0, -np.inf, scores).astype(np.float32)
    last = np.where(positions < 0, np.iinfo(np.int64).max, positions)
    order = np.lexsort((last, -scores))
    take = np.take_along_axis
    return take(scores, order, axis=1), take(positions, order, axis=1)


def best(
    search: Search, vectors: NDArray[np.float32], k: int, total: int, beside: int = 16
) -> tuple[Scores, Positions]:
    """Search, and look further where passages at the `k`-th place score alike.

    Parameters
    ----------
    search
        From vectors and a number of hits to scores and positions.
    vectors
        Query vectors.
    k
        Hits a query.
    total
        Passages in the index.
    beside
        Hits looked at beyond `k`; doubled as long as they do not decide.

    Returns
    -------
    tuple
        Scores and positions, both ``(n_queries, k)``; position -1 where there are
        fewer than `k` passages.
    """
    asked = max(k, min(k + beside, total))
    scores, positions = ordered(*search(vectors, asked))
    kth, last = scores[:, k - 1], scores[:, -1]
    near = ROUNDING * np.abs(scores[:, 0])
    undecided = np.isfinite(last) & (last >= kth - near)
    scores, positions = scores[:, :k].copy(), positions[:, :k].copy()
    if asked < total and undecided.any():
        further = best(search, vectors[undecided], k, total, 2 * beside)
        scores[undecided], positions[undecided] = further
    return scores, positions
