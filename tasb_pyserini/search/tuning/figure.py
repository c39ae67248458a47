"""What tuning found, as the figure of the measure over alpha shows it."""

from tasb_pyserini.evaluation.figures.alpha import AlphaCurve
from tasb_pyserini.search.tuning.tune import Tuning


def alpha_curve(tuning: Tuning, measure: str, queries: int) -> AlphaCurve:
    """Return the curve around the best alpha.

    Parameters
    ----------
    tuning
        What was found.
    measure, queries
        What was measured, and on how many.
    """
    choice = tuning.choice
    assert choice.fusion.alpha is not None
    return AlphaCurve(
        measure=measure,
        queries=queries,
        alphas=choice.alphas.tolist(),
        values=choice.values.tolist(),
        best_alpha=choice.fusion.alpha,
        best_value=tuning.value,
        dense=tuning.dense,
        sparse=tuning.sparse,
        log_scale=choice.fusion.method == "interpolation",
    )
