"""Recall at cutoffs: Figure 3 of the TAS-B paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasb_pyserini.evaluation.figures.output import Table
from tasb_pyserini.evaluation.figures.style import line_style, log_x
from tasb_pyserini.evaluation.measures import Measure, evaluate, query_mean
from tasb_pyserini.formats.records import Qrels, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CUTOFFS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class RecallCurves:
    """Mean recall of runs at cutoffs.

    Parameters
    ----------
    cutoffs
        Rising.
    recall
        Run → recall at each cutoff.
    queries
        Judged queries that it is the mean of.
    relevance_level
        Lowest grade that counts as relevant.
    """

    cutoffs: tuple[int, ...]
    recall: dict[str, list[float]]
    queries: int
    relevance_level: int = 1

    def table(self) -> Table:
        """Return a row a cutoff, a column a run."""
        columns = zip(*self.recall.values(), strict=True)
        rows = zip(self.cutoffs, columns, strict=True)
        return [["cutoff", *self.recall], *([cutoff, *row] for cutoff, row in rows)]


def recall_curves(
    runs: Mapping[str, Run],
    qrels: Qrels,
    *,
    cutoffs: Sequence[int] = CUTOFFS,
    relevance_level: int = 1,
) -> RecallCurves:
    """Measure the recall of runs at cutoffs, as trec_eval does.

    Parameters
    ----------
    runs
        By the names that the figure shows.
    qrels
        Every query of it counts; 0 where a run has no hits for it.
    cutoffs
        Numbers of hits, at least 1 each; in any order.
    relevance_level
        Lowest grade that counts as relevant; 2 in TREC-DL.

    Raises
    ------
    TasbError
        If a cutoff or the level is below 1.
    """
    measures = [Measure("R", cutoff) for cutoff in sorted(set(cutoffs))]
    recall = {}
    for name, run in runs.items():
        values = evaluate(run, qrels, measures, relevance_level=relevance_level)
        recall[name] = [query_mean(values[measure]) for measure in measures]
    rising = tuple(sorted(set(cutoffs)))
    return RecallCurves(rising, recall, len(qrels), relevance_level)


def draw_recall(axes: "Axes", curves: RecallCurves) -> None:
    """Draw a line a run, over cutoffs on a log scale."""
    for number, (name, recall) in enumerate(curves.recall.items()):
        axes.plot(curves.cutoffs, recall, label=name, **line_style(number))
    log_x(axes, curves.cutoffs[0], curves.cutoffs[-1])
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("cutoff, in hits a query")
    level = curves.relevance_level
    grades = f", grades from {level}" if level > 1 else ""
    axes.set_ylabel(f"recall, mean of {curves.queries:,} queries{grades}")
    axes.legend()
