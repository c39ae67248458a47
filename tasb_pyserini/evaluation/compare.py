"""Runs beside each other, on one measure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tasb_pyserini.evaluation.bootstrap import Interval, confidence_interval
from tasb_pyserini.evaluation.correction import CORRECTIONS
from tasb_pyserini.evaluation.effect import cohens_d_z
from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.evaluation.paired import Differences, differences
from tasb_pyserini.evaluation.significance import Outcome, t_test
from tasb_pyserini.formats.errors import TasbError


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside a baseline, on one measure.

    Parameters
    ----------
    baseline, run
        Names of the two.
    difference
        Mean of the run less mean of the baseline, over all judged queries.
    interval
        Bootstrap confidence interval of the difference, of this comparison alone.
    statistic, p
        Of the test.
    corrected_p
        p, corrected for the comparisons of the family.
    cohens_d_z
        Effect size; see `tasb_pyserini.evaluation.effect`.
    wins, ties, losses
        Queries where the run is better, equal (see `TIE` in
        `tasb_pyserini.evaluation.paired`) and worse.
    """

    baseline: str
    run: str
    difference: float
    interval: Interval
    statistic: float
    p: float
    corrected_p: float
    cohens_d_z: float
    wins: int
    ties: int
    losses: int


def compare(
    values: Mapping[str, Mapping[str, float]],
    pairs: Sequence[tuple[str, str]],
    *,
    test: Callable[[Differences], Outcome] = t_test,
    correction: str = "holm",
    alpha: float = 0.05,
    seed: int = 42,
) -> list[Comparison]:
    """Compare pairs of runs on one measure; they are the family of the correction.

    Parameters
    ----------
    values
        Run → qid → value, as from `tasb_pyserini.evaluation.measures.evaluate`.
    pairs
        Baseline and run.
    test
        `t_test`, `randomisation_test` or another of paired differences.
    correction
        One of `CORRECTIONS`.
    alpha
        1 less the confidence of the intervals.
    seed
        Of the bootstrap.

    Raises
    ------
    TasbError
        If `alpha` is not between 0 and 1, `seed` is negative, the queries of two runs
        differ, or they are fewer than two.
    """
    if not 0 < alpha < 1:
        raise TasbError(f"alpha {alpha}: expected a number between 0 and 1")
    if seed < 0:
        raise TasbError(f"seed {seed}: expected at least 0")
    apart = [differences(values[baseline], values[run]) for baseline, run in pairs]
    outcomes = [test(of) for of in apart]
    corrected = CORRECTIONS[correction]([outcome.p for outcome in outcomes])
    return [
        Comparison(
            baseline=baseline,
            run=run,
            difference=mean(of.tolist()),
            interval=confidence_interval(of, confidence=1 - alpha, seed=seed),
            statistic=outcome.statistic,
            p=outcome.p,
            corrected_p=p,
            cohens_d_z=cohens_d_z(of),
            wins=int(np.count_nonzero(of > 0)),
            ties=int(np.count_nonzero(of == 0)),
            losses=int(np.count_nonzero(of < 0)),
        )
        for (baseline, run), of, outcome, p in zip(
            pairs, apart, outcomes, corrected, strict=True
        )
    ]
