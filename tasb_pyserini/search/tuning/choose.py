"""The best weight and setting on some queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.tuning.candidates import Candidates, Setting
from tasb_pyserini.search.tuning.crossings import find_steps
from tasb_pyserini.search.tuning.curve import Curve, Interval

DECADES, POINTS = 3, 601
"""How far from the best weight the curve is kept, and at how many points."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was best on some queries.

    Parameters
    ----------
    setting
        BM25's parameters.
    fusion
        The rule, with its alpha.
    interval
        The alphas that are as good, and how good in exact arithmetic.
    alphas, values
        The curve around alpha, at points whose weights are evenly spaced on a log
        scale; alpha is in the middle. Shape ``(POINTS,)``.
    """

    setting: Setting
    fusion: Fusion
    interval: Interval
    alphas: NDArray[np.float64]
    values: NDArray[np.float64]


def choose(
    candidates: Candidates,
    settings: Sequence[Setting],
    subsets: Sequence[Collection[str]],
) -> list[Choice]:
    """Return what is best on each of some sets of queries.

    Parameters
    ----------
    candidates
        What is fused.
    settings
        Parameters of BM25 to choose from; of equally good ones the first is chosen.
    subsets
        Queries, each set of at least one.
    """
    chosen: list[Choice | None] = [None] * len(subsets)
    for setting in settings:
        pools = candidates.pools(setting)
        steps = {q: find_steps(p, candidates.objective) for q, p in pools.items()}
        for place, subset in enumerate(subsets):
            curve = Curve.mean([steps[qid] for qid in subset])
            before = chosen[place]
            if before is None or curve.best().value > before.interval.value:
                chosen[place] = _choice(setting, candidates.fusion, curve)
    return [choice for choice in chosen if choice is not None]


def _choice(setting: Setting, fusion: Fusion, curve: Curve) -> Choice:
    best = curve.best()
    weights = best.middle * np.logspace(-DECADES, DECADES, POINTS)
    method = fusion.method
    return Choice(
        setting,
        replace(fusion, alpha=alpha_of(method, best.middle)),
        Interval(alpha_of(method, best.low), alpha_of(method, best.high), best.value),
        np.array([alpha_of(method, weight) for weight in weights.tolist()]),
        curve.at(weights),
    )


def alpha_of(method: str, weight: float) -> float:
    """Return the alpha of a method under which sparse counts `weight` times dense.

    Examples
    --------
    >>> alpha_of("interpolation", 0.25), alpha_of("convex", 0.25)
    (0.25, 0.2)
    >>> alpha_of("convex", float("inf"))
    1.0
    """
    if method == "interpolation":
        return weight
    return 1.0 if weight == float("inf") else weight / (1 + weight)
