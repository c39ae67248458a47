"""Where the measure of one query steps as the weight of the sparse side grows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.search.tuning.objective import Objective
from tasb_pyserini.search.tuning.pool import Pool

UNIT = 2.0**40
"""Measures are summed as whole numbers of 1 / UNIT: equal sums are then equal."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A measure as a function of the weight w in ``w · sparse + dense``.

    Parameters
    ----------
    start
        The measure just above weight 0, in units.
    weights
        Where it steps, in any order; positive and finite, shape ``(n,)``.
    changes
        By how much, in units, shape ``(n,)``.
    """

    start: int
    weights: NDArray[np.float64]
    changes: NDArray[np.int64]


def find_steps(pool: Pool, objective: Objective) -> Steps:
    """Follow each relevant document through its crossings with all others.

    Document i stands above j where ``w · (sᵢ - sⱼ) + (dᵢ - dⱼ) > 0``; so it changes
    sides at most once, at ``-(dᵢ - dⱼ) / (sᵢ - sⱼ)``. Time O(r n log n) for r relevant
    documents of n.
    """
    sparse, dense = pool.scores
    by_sparse = sparse - sparse[pool.relevant][:, None]  # (r, n)
    by_dense = dense - dense[pool.relevant][:, None]
    rises = (by_sparse > 0) & (by_dense < 0)
    falls = (by_sparse < 0) & (by_dense > 0)
    tied = (by_sparse > 0) | (by_sparse == 0) & pool.wins
    above = (by_dense > 0) | (by_dense == 0) & tied  # just above weight 0
    at = np.full(by_sparse.shape, np.inf)
    with np.errstate(over="ignore"):
        np.divide(-by_dense, by_sparse, out=at, where=rises | falls)
    order = np.argsort(at, axis=1, kind="stable")
    at = np.take_along_axis(at, order, axis=1)
    change = np.take_along_axis(rises.astype(np.int8) - falls, order, axis=1)
    is_relevant = np.zeros(len(sparse), bool)
    is_relevant[pool.relevant] = True
    ranks = _ranks(above, change)
    among = _ranks(above & is_relevant, change * is_relevant[order])
    terms = objective.terms(ranks, among, pool.worths)
    units = np.rint(terms * UNIT).astype(np.int64)  # (r, n + 1)
    changes = np.diff(units, axis=1)
    steps = (changes != 0) & np.isfinite(at)
    return Steps(int(units[:, 0].sum()), at[steps], changes[steps])


def _ranks(above: NDArray[np.bool_], change: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return ranks from 1, before the first crossing and after each."""
    first = 1 + above.sum(axis=1, keepdims=True, dtype=np.int64)
    later = first + np.cumsum(change, axis=1, dtype=np.int64)
    return np.concatenate([first, later], axis=1)
