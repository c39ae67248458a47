"""How far a mean difference could be off, by drawing the queries again."""

import numpy as np
from scipy import stats

from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.evaluation.paired import Differences, is_constant

CELLS = 2**22
"""Differences drawn at a time."""

Interval = tuple[float, float]
"""Lower and upper end."""


def confidence_interval(
    apart: Differences,
    *,
    confidence: float = 0.95,
    resamples: int = 9_999,
    seed: int = 42,
) -> Interval:
    """Return the bootstrap confidence interval of the mean difference.

    Queries are drawn with both of their values, so that the pairs stay together. The
    ends are those of ``scipy.stats.bootstrap``: bias-corrected and accelerated (BCa;
    Efron, Journal of the American Statistical Association, 1987).

    Parameters
    ----------
    confidence
        Share of such intervals that hold the true mean.
    resamples
        How often all queries are drawn.
    seed
        Of the draws. The runs swapped give the mirror image.

    Examples
    --------
    >>> confidence_interval(np.array([0.25, 0.25, 0.25]))
    (0.25, 0.25)
    """
    if is_constant(apart):
        return (mean(apart.tolist()),) * 2
    mirrored = np.sort(-apart)
    if mirrored.tolist() > apart.tolist():
        low, high = confidence_interval(
            mirrored, confidence=confidence, resamples=resamples, seed=seed
        )
        return -high, -low
    ends = stats.bootstrap(
        (apart,),
        np.mean,
        n_resamples=resamples,
        batch=max(CELLS // len(apart), 1),
        confidence_level=confidence,
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(ends.low), float(ends.high)
