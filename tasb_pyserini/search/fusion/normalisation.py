"""Normalisation: the scores of one list, brought to a scale that lists share.

Each function takes the scores of one query's hits in one list, shape ``(n,)`` with n at
least 1, and returns as many. All keep the order. None divides by zero: where scores are
all equal, as in a list of one hit, the result is a constant that is stated.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
"""Scores in double precision."""


def none(scores: Scores) -> Scores:
    """Leave the scores as they are."""
    return scores


def min_max(scores: Scores) -> Scores:
    """Map the lowest score to 0 and the highest to 1; equal scores to 1.

    As ``normalize`` of ``pyserini/fusion`` (``pyserini/trectools/_base.py``).

    Examples
    --------
    >>> min_max(np.array([6.0, 3.0, 2.0])).tolist(), min_max(np.array([5.0])).tolist()
    ([1.0, 0.25, 0.0], [1.0])
    """
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)


def centred(scores: Scores) -> Scores:
    """Map the lowest score to -½ and the highest to ½; equal scores to 0.

    As ``HybridSearcher`` with ``normalization=True``, where scores differ
    (``pyserini/search/hybrid/_searcher.py``; on equal scores it divides by zero).

    Examples
    --------
    >>> centred(np.array([6.0, 3.0, 2.0])).tolist(), centred(np.array([5.0])).tolist()
    ([0.5, -0.25, -0.5], [0.0])
    """
    low, high = float(scores.min()), float(scores.max())
    if high == low:
        return np.zeros_like(scores)
    return (scores - (low + high) / 2) / (high - low)


def z_score(scores: Scores) -> Scores:
    """Bring the mean to 0 and the standard deviation to 1; equal scores to 0.

    The deviation is that of the list itself (divided by n).

    Examples
    --------
    >>> z_score(np.array([3.0, 1.0])).tolist(), z_score(np.array([5.0, 5.0])).tolist()
    ([1.0, -1.0], [0.0, 0.0])
    """
    deviation = float(scores.std())
    if scores.max() == scores.min() or deviation == 0:
        return np.zeros_like(scores)
    return (scores - float(scores.mean())) / deviation


def maximum(scores: Scores) -> Scores:
    """Divide by the largest absolute score, which keeps signs; zeros stay.

    Examples
    --------
    >>> maximum(np.array([4.0, 1.0])).tolist(), maximum(np.array([0.0])).tolist()
    ([1.0, 0.25], [0.0])
    """
    largest = float(np.abs(scores).max())
    return scores / largest if largest > 0 else scores


NORMALISATIONS: dict[str, Callable[[Scores], Scores]] = {
    "none": none,
    "min-max": min_max,
    "centred": centred,
    "z-score": z_score,
    "max": maximum,
}
"""Name → function."""
