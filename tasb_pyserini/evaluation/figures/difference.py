"""Where a run is better than a baseline, and where worse, query by query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from tasb_pyserini.evaluation.figures.output import Table
from tasb_pyserini.evaluation.figures.style import leader_line, shorten
from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.evaluation.paired import differences_by_query

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELLED = 5
"""Most wins, and most losses, whose queries are named."""

WIDTH = 0.8
"""Of a bar, in queries."""

OUTLINED = 150
"""Most bars that are outlined."""

LETTER = 0.03
"""Room for a label beside the next, of the width of the axes."""


@dataclass(frozen=True, slots=True)
class QueryDifference:
    """A query's values in two runs.

    Parameters
    ----------
    qid
        The query.
    baseline, run
        Its value in each.
    difference
        Run less baseline; exactly 0 in a tie.
    """

    qid: str
    baseline: float
    run: float
    difference: float


def query_differences(
    baseline: Mapping[str, float], run: Mapping[str, float]
) -> list[QueryDifference]:
    """Return the queries from the biggest win to the biggest loss.

    Of equal differences the qid that sorts first comes first.

    Parameters
    ----------
    baseline, run
        qid → value of a measure, for the same queries.

    Raises
    ------
    TasbError
        If the queries differ.
    """
    apart = differences_by_query(baseline, run)
    order = sorted(apart, key=lambda qid: (-apart[qid], qid))
    return [QueryDifference(qid, baseline[qid], run[qid], apart[qid]) for qid in order]


def difference_table(
    queries: Sequence[QueryDifference], baseline: str, run: str
) -> Table:
    """Return a row a query; `baseline` and `run` are the names of the two."""
    rows = [[q.qid, q.baseline, q.run, q.difference] for q in queries]
    return [["qid", baseline, run, "difference"], *rows]


def extremes(
    queries: Sequence[QueryDifference], most: int = LABELLED
) -> tuple[list[int], list[int]]:
    """Return the places of the biggest wins and losses, the biggest first of each."""
    wins = [place for place, q in enumerate(queries) if q.difference > 0]
    losses = [place for place, q in enumerate(queries) if q.difference < 0]
    return wins[:most], losses[::-1][:most]


def draw_differences(
    axes: "Axes",
    queries: Sequence[QueryDifference],
    *,
    baseline: str,
    run: str,
    measure: str,
) -> None:
    """Draw a bar a query, and name the biggest wins and losses by qid.

    Parameters
    ----------
    axes
        To draw on.
    queries
        Sorted, at least one.
    baseline, run, measure
        Names of what was measured.
    """
    apart = [query.difference for query in queries]
    wins, losses = (sum(of) for of in ([d > 0 for d in apart], [d < 0 for d in apart]))
    better = {"facecolor": "0.6", "label": f"better: {wins:,}"}
    worse = {"facecolor": "0.95", "hatch": "/////", "label": f"worse: {losses:,}"}
    # A bar of no height where there is none: the legend says so.
    _bars(axes, 0, apart[:wins] or [0.0], better)
    _bars(axes, len(apart) - losses, apart[len(apart) - losses :] or [0.0], worse)
    axes.axhline(0, color="black", linewidth=0.8)
    average = mean(apart)
    axes.axhline(average, color="black", linestyle="--", label=f"mean: {average:+.4f}")
    axes.set_xlim(-0.5 - WIDTH / 2, len(queries) - 0.5 + WIDTH / 2)
    low, high = min(*apart, 0.0), max(*apart, 0.0)
    margin = 0.03 * (high - low) or 0.1
    axes.set_ylim(low - margin, high + margin)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_ylabel(f"{measure}: {shorten(run)} less {shorten(baseline)}")
    figure = axes.get_figure(root=True)
    assert figure is not None
    ties = len(queries) - wins - losses
    figure.supxlabel(f"{len(queries):,} judged queries, {ties:,} equal", fontsize=11)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.02), ncols=3, borderaxespad=0)
    _name_extremes(axes, queries)


def _bars(
    axes: "Axes", first: int, heights: Sequence[float], look: dict[str, str]
) -> None:
    """Draw bars from a place on, as one outline: there may be thousands."""
    tops = [top for height in heights for top in (height, 0.0)][:-1]
    starts = [place - WIDTH / 2 for place in range(first, first + len(heights))]
    edges = [edge for start in starts for edge in (start, start + WIDTH)]
    patches = import_module("matplotlib.patches")
    # The outlines of bars that are thinner than a pixel would blacken all of them.
    edge = {"edgecolor": "0.25", "linewidth": 0.5 if len(heights) <= OUTLINED else 0}
    axes.add_patch(
        patches.StepPatch(tops, edges, baseline=0, fill=True, **edge, **look)
    )


def _name_extremes(axes: "Axes", queries: Sequence[QueryDifference]) -> None:
    """Put qids above the wins and below the losses, where no bar can be."""
    step = max(1.0, LETTER * len(queries))
    wins, losses = extremes(queries)
    above = [(place, number * step, 1.06) for number, place in enumerate(wins)]
    last = len(queries) - 1
    below = [(at, last - number * step, -0.06) for number, at in enumerate(losses)]
    for place, x, y in (*above, *below):
        axes.annotate(
            shorten(queries[place].qid),
            (place, queries[place].difference),
            (x, y),
            textcoords=axes.get_xaxis_transform(),
            rotation=90,
            ha="center",
            va="bottom" if y > 0 else "top",
            fontsize=9,
            arrowprops=leader_line(0.5, 0.0 if y > 0 else 1.0),
        )
