"""The weight of BM25 in the hybrid run, from queries that are not evaluated."""

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.search.tuning.tune import tune_runs

MEASURE = Measure("RR", 10)


def tune_alpha(sparse: Run, dense: Run, qrels: Qrels) -> float:
    """Return the weight of the sparse side with the best RR@10.

    The middle of the widest range of best weights; see
    :class:`~tasb_pyserini.search.tuning.curve.Interval`.

    Parameters
    ----------
    sparse, dense
        Runs of the same queries.
    qrels
        Their judgments.
    """
    alpha = tune_runs(sparse, dense, qrels, MEASURE).choice.fusion.alpha
    assert alpha is not None
    return alpha
