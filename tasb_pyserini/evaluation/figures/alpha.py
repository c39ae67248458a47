"""A measure over alpha, the weight of the sparse side in hybrid search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasb_pyserini.evaluation.figures.output import Table
from tasb_pyserini.evaluation.figures.style import COLOURS, log_x

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaCurve:
    """A mean measure of hybrid runs over alpha.

    Parameters
    ----------
    measure, queries
        What was measured, and on how many.
    alphas, values
        The curve; alphas rise.
    best_alpha, best_value
        Where the measure is best.
    dense, sparse
        The measure of each side alone.
    log_scale
        Whether alphas have no upper end.
    """

    measure: str
    queries: int
    alphas: Sequence[float]
    values: Sequence[float]
    best_alpha: float
    best_value: float
    dense: float
    sparse: float
    log_scale: bool

    def table(self) -> Table:
        """Return the curve, the best alpha, and each side alone, without an alpha."""
        curve = zip(self.alphas, self.values, strict=True)
        return [
            ["run", "alpha", self.measure],
            *(["hybrid", alpha, value] for alpha, value in curve),
            ["best", self.best_alpha, self.best_value],
            ["dense alone", "", self.dense],
            ["sparse alone", "", self.sparse],
        ]


def draw_alpha(axes: "Axes", curve: AlphaCurve) -> None:
    """Draw the curve, the best alpha, and each side alone; told apart in grey."""
    axes.plot(curve.alphas, curve.values, color="black", label="hybrid")
    best = f"best: {curve.best_alpha:.4g}"
    axes.plot([curve.best_alpha], [curve.best_value], "ko", label=best)
    dense, sparse = COLOURS[1:3]
    axes.axhline(curve.dense, color=dense, linestyle="--", label="dense alone")
    axes.axhline(
        curve.sparse, color=sparse, linestyle=":", linewidth=2, label="sparse alone"
    )
    if curve.log_scale:
        log_x(axes, curve.alphas[0], curve.alphas[-1])
    axes.set_xlabel("alpha, weight of the sparse side")
    axes.set_ylabel(f"{curve.measure}, mean of {curve.queries:,} queries")
    axes.legend()
