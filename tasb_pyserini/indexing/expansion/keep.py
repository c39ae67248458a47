"""Which predicted queries are good enough to be appended."""

import numpy as np
from numpy.typing import NDArray

SHARE = 0.3
"""Doc2Query-- drops the worst 70 % of queries (Gospodinov et al., ECIR 2023)."""


def keep_best(scores: NDArray[np.float32], share: float) -> NDArray[np.bool_]:
    """Return which scores belong to the best `share` of all, shape ``(n_queries,)``.

    One threshold for the whole collection, so that a passage may keep all of its
    queries, or none (Gospodinov et al., ECIR 2023). Where scores at the threshold
    are equal, the first are kept: the count is exactly ``round(share · n_queries)``.

    Examples
    --------
    >>> keep_best(np.array([1.0, 3.0, 2.0, 2.0], np.float32), 0.5).tolist()
    [False, True, True, False]
    """
    count = round(share * len(scores))
    if not count:
        return np.zeros(len(scores), np.bool_)
    threshold = np.partition(scores, len(scores) - count)[len(scores) - count]
    kept: NDArray[np.bool_] = scores > threshold
    tied = np.flatnonzero(scores == threshold)
    kept[tied[: count - int(kept.sum())]] = True
    return kept
