"""The order of trec_eval, found in arrays."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.arrow import SortKeys

Places = NDArray[np.intp]

DocidsAt = Callable[[Places], Sequence[str] | SortKeys]
"""Returns the docids at some places, or keys that order them by their UTF-8 bytes."""


def in_single(scores: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return scores in single precision, infinite where they go beyond it."""
    with np.errstate(over="ignore"):
        return scores.astype(np.float32)


def best_first(
    scores: NDArray[Any],
    docids_at: DocidsAt,
    k: int | None = None,
) -> Places:
    """Return the places of the `k` best scores, ordered as `formats.runs.ranked` does.

    Parameters
    ----------
    scores
        Shape ``(n,)``, no NaN; compared as they are, so in single precision for the
        order of trec_eval.
    docids_at
        Asked for the docids of tied scores only, which go to the docid that sorts last
        by its UTF-8 bytes.
    k
        Most places to return; all where None.

    Examples
    --------
    >>> docids = np.array(["a", "b", "c"])
    >>> best_first(np.array([1, 2, 1]), lambda at: docids[at].tolist()).tolist()
    [1, 2, 0]
    """
    order = np.argsort(-scores)
    ordered = scores[order]
    equal = ordered[1:] == ordered[:-1]
    if k is not None and k < len(order):
        equal[k:] &= ordered[k:-1] == ordered[k - 1]  # ties across the cut count
    if equal.any():
        _break_ties(order, equal, docids_at)
    return order[:k]


def _break_ties(
    order: Places,
    equal: NDArray[np.bool_],
    docids_at: DocidsAt,
) -> None:
    """Order tied places by docid, in place; `equal` says who ties with the next."""
    tied = np.zeros(len(order), bool)
    tied[1:] = equal
    tied[:-1] |= equal
    members = order[tied]
    # The groups' numbers fall, so that sorted downwards each stays where it stands.
    starts = np.concatenate([[True], ~equal])[tied]
    groups = -np.cumsum(starts)
    docids = docids_at(members)
    if isinstance(docids, tuple):
        order[tied] = members[np.lexsort((*docids, groups))[::-1]]
        return
    by_docid = sorted(
        zip(groups.tolist(), docids, members.tolist(), strict=True), reverse=True
    )
    order[tied] = [member for _, _, member in by_docid]
