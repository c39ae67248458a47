"""What can be drawn: the pairs of each query, and how they are parted into bins."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError

if TYPE_CHECKING:
    from tasb_pyserini.training.pairs.store import Pairs

QUERIES_AT_ONCE = 4_096
"""How many queries' bins are looked for at a time; bounds the memory that it takes."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The pairs of each query, in one or several bins that lie one after the other.

    Parameters
    ----------
    start
        The first pair of each query, a row of the pair store; int64, ``(n_queries,)``.
    bounds
        Bin j of query i holds the rows ``start[i] + bounds[i, j]`` up to, not
        including, ``start[i] + bounds[i, j + 1]``; int32, ``(n_queries, n_bins + 1)``.
        No bin at all has a row where nothing of a query can be drawn.
    """

    start: NDArray[np.int64]
    bounds: NDArray[np.int32]

    @property
    def n_bins(self) -> int:
        """Number of bins a query."""
        return int(self.bounds.shape[1]) - 1

    @property
    def sizes(self) -> NDArray[np.int32]:
        """How many pairs each query offers."""
        return self.bounds[:, -1] - self.bounds[:, 0]


def whole_pool(pairs: "Pairs") -> Pool:
    """Return all pairs of a query as one bin."""
    bounds = np.zeros((len(pairs.offsets) - 1, 2), dtype=np.int32)
    bounds[:, 1] = np.diff(pairs.offsets)
    return Pool(pairs.offsets[:-1], bounds)


def margin_bins(pairs: "Pairs", n_bins: int) -> Pool:
    """Part each query's pairs into bins of equal width over its own margins.

    Bin j holds the margins from ``low + j * width`` on, up to, not including,
    ``low + (j + 1) * width``; the last one holds the highest margin as well. That is
    what the authors' code does (``tas_balanced_training_loader.py``); eq. 12 of the
    paper prints the first comparison the other way round, and no margin would satisfy
    it. Where all margins are equal, as with one pair, all pairs are in the last bin;
    the authors' code fails there, or leaves such queries out.

    Parameters
    ----------
    pairs
        Scored pairs.
    n_bins
        h of eq. 12; the authors have 10.

    Raises
    ------
    TasbError
        If the pairs have no scores, or `n_bins` is below 1.
    """
    if n_bins < 1:
        raise TasbError(f"{n_bins} bins: expected at least 1")
    _check_scored(pairs)
    n = len(pairs.offsets) - 1
    bounds = np.zeros((n, n_bins + 1), dtype=np.int32)
    bounds[:, -1] = np.diff(pairs.offsets)
    share = np.arange(1, n_bins) / n_bins
    for begin in range(0, n, QUERIES_AT_ONCE):
        end = min(begin + QUERIES_AT_ONCE, n)
        first, last = pairs.offsets[begin:end], pairs.offsets[begin + 1 : end + 1]
        low, high = pairs.margins(first), pairs.margins(last - 1)
        edges = low[:, None] + (high - low)[:, None] * share
        rows = _first_at_least(pairs, first, last, edges)
        bounds[begin:end, 1:-1] = rows - first[:, None]
    return Pool(pairs.offsets[:-1], bounds)


def hard_pairs(pairs: "Pairs", max_margin: float) -> Pool:
    """Return only the pairs whose margin is at most `max_margin`, as one bin.

    The cut-off of the reproducibility study (Wang & Zuccon, SIGIR 2023; 6 in its
    configurations): the larger the margin, the easier the negative. The TAS-B paper has
    none.

    Raises
    ------
    TasbError
        If the pairs have no scores, or none of them is below the cut-off.
    """
    _check_scored(pairs)
    above = np.nextafter(max_margin, np.inf)
    first, last = pairs.offsets[:-1], pairs.offsets[1:]
    bounds = np.zeros((len(first), 2), dtype=np.int32)
    for begin in range(0, len(first), QUERIES_AT_ONCE):
        part = slice(begin, begin + QUERIES_AT_ONCE)
        edges = np.full((len(first[part]), 1), above)
        rows = _first_at_least(pairs, first[part], last[part], edges)
        bounds[part, 1] = rows[:, 0] - first[part]
    if not bounds.any():
        raise TasbError(
            f"margin cut-off {max_margin:g}: no pair has so small a margin; expected a "
            "cut-off above the smallest ('tasb pairs show' prints them)"
        )
    return Pool(first, bounds)


def _check_scored(pairs: "Pairs") -> None:
    if pairs.pos_score is None:
        raise TasbError(
            "pairs without teacher scores: expected scored pairs ('tasb score', 'tasb "
            "pairs import'), or one of the strategies random and tas"
        )


def _first_at_least(
    pairs: "Pairs",
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    edges: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return for each edge the first row of its query whose margin is not below it.

    A binary search for all edges at the same time; margins rise within a query.

    Parameters
    ----------
    first, last
        Each query's rows are ``first`` up to, not including, ``last``; ``(n,)``.
    edges
        Shape ``(n, n_edges)``; so is the result, which is ``last`` where no margin is
        as high.
    """
    low = np.repeat(first[:, None], edges.shape[1], axis=1)
    high = np.repeat(last[:, None], edges.shape[1], axis=1)
    while (open_ := low < high).any():
        middle = (low + high) // 2
        below = open_ & (pairs.margins(np.where(open_, middle, first[:, None])) < edges)
        low = np.where(below, middle + 1, low)
        high = np.where(open_ & ~below, middle, high)
    return low
