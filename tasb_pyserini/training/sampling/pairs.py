"""Which pair of a query is drawn."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.training.sampling.pool import Pool


class PairDraw(NamedTuple):
    """One pair for each of some queries.

    Parameters
    ----------
    row
        Rows of the pair store; int64, ``(n,)``.
    bin
        The bin of each; int64, ``(n,)``.
    """

    row: NDArray[np.int64]
    bin: NDArray[np.int64]


def draw_pairs(
    pool: Pool, query: NDArray[np.int64], rng: np.random.Generator
) -> PairDraw:
    """Draw a bin of each query, then a pair of the bin, both with equal chances.

    Eq. 13 of the TAS-B paper. An empty bin is never drawn: the authors' code draws
    again until it meets one that is not empty, which is the same as drawing among
    those, and what happens here. With one bin a query, all its pairs have equal
    chances (eq. 9 and 11).

    Parameters
    ----------
    pool
        The bins.
    query
        Queries that offer at least one pair; shape ``(n,)``.
    rng
        Source of all that is random.
    """
    bounds = pool.bounds[query].astype(np.int64)
    filled = np.cumsum(bounds[:, 1:] > bounds[:, :-1], axis=1)  # (n, n_bins)
    wanted = rng.integers(filled[:, -1])
    chosen = (filled > wanted[:, None]).argmax(axis=1)
    places = np.arange(len(query))
    low, high = bounds[places, chosen], bounds[places, chosen + 1]
    return PairDraw(pool.start[query] + rng.integers(low, high), chosen)
