"""How far a mean difference could be off, by drawing the queries again."""

import math

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
    Efron, Journal of the American Statistical Association, 1987), without leaving out
    every query in turn. They are NaN where the draws place none.

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
    drawn = stats.bootstrap(
        (apart,),
        np.mean,
        n_resamples=resamples,
        batch=max(CELLS // len(apart), 1),
        method="percentile",
        rng=np.random.default_rng(seed),
    ).bootstrap_distribution
    return _bca_ends(apart, drawn, confidence)


def _bca_ends(apart: Differences, drawn: Differences, confidence: float) -> Interval:
    """Return the ends of the interval among the means of the draws."""
    middle = np.mean(apart)
    below = np.count_nonzero(drawn < middle) + np.count_nonzero(drawn <= middle)
    bias = stats.norm.ppf(below / (2 * len(drawn)))
    # The mean without a query is as far off as the query, the other way, by n - 1.
    off = apart - middle
    acceleration = np.sum(off**3) / (6 * np.sum(off**2) ** 1.5)
    shifted = bias + stats.norm.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    if not np.isfinite(shifted).all():
        return math.nan, math.nan
    places = stats.norm.cdf(bias + shifted / (1 - acceleration * shifted))
    low, high = np.quantile(drawn, places)
    return float(low), float(high)
