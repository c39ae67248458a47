"""The weight of BM25 in the hybrid run, from queries that are not evaluated."""

from tasb_pyserini.evaluation.measures import Measure, evaluate, mean
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.search.fusion import interpolate_runs

GRID: list[float] = [0.01 * 2**step for step in range(13)]
"""Weights tried, 0.01 to 41: models differ in how far their scores spread."""

_DEPTH = 10


def tune_alpha(sparse: Run, dense: Run, qrels: Qrels) -> float:
    """Return the weight of the sparse side with the best RR@10, the smallest of equals.

    Parameters
    ----------
    sparse, dense
        Runs of the same queries.
    qrels
        Their judgments.
    """
    measure = Measure.parse(f"RR@{_DEPTH}")

    def quality(alpha: float) -> float:
        fused = interpolate_runs(sparse, dense, alpha, _DEPTH)
        values = evaluate(fused, qrels, [measure])[measure].values()
        return round(mean(values), 6)

    return max(GRID, key=lambda alpha: (quality(alpha), -alpha))
