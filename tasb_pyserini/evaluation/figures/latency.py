"""Quality against latency, with the systems that no other beats in both."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from tasb_pyserini.evaluation.figures.labels import label_points
from tasb_pyserini.evaluation.figures.output import Table
from tasb_pyserini.evaluation.figures.style import log_x

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Point:
    """A system.

    Parameters
    ----------
    system
        Its name.
    ms_per_query
        Milliseconds a query takes, above 0.
    value
        Mean of a measure.
    """

    system: str
    ms_per_query: float
    value: float


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats, the fastest first.

    One point beats another if it is as fast and as good, and faster or better.

    Examples
    --------
    >>> [a, b, c] = Point("a", 5, 0.3), Point("b", 9, 0.2), Point("c", 9, 0.4)
    >>> [point.system for point in pareto_front([a, b, c])]
    ['a', 'c']
    """
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.ms_per_query, -p.value)):
        equal = front and _place(front[-1]) == _place(point)
        if not front or equal or point.value > front[-1].value:
            front.append(point)
    return front


def latency_table(points: Sequence[Point], measure: str) -> Table:
    """Return a row a system, in the order given."""
    front = pareto_front(points)
    return [
        ["system", "ms_per_query", measure, "pareto"],
        *(
            [p.system, p.ms_per_query, p.value, "yes" if p in front else "no"]
            for p in points
        ),
    ]


def draw_latency(axes: "Axes", points: Sequence[Point], measure: str) -> None:
    """Draw a point a system, with its name, over time on a log scale.

    Parameters
    ----------
    axes
        To draw on.
    points
        At least one.
    measure
        What their values are.
    """
    front = pareto_front(points)
    beaten = [point for point in points if point not in front]
    axes.step(
        *_columns(front),
        where="post",
        color="black",
        marker="o",
        markersize=7,
        linewidth=1.2,
        zorder=4,
        label="Pareto front",
    )
    if beaten:
        axes.scatter(
            *_columns(beaten),
            s=42,
            marker="s",
            facecolors="white",
            edgecolors="0.4",
            linewidths=1.2,
            zorder=3,
            label="beaten by another",
        )
    times = [point.ms_per_query for point in points]
    log_x(axes, min(times), max(times))
    axes.margins(0.15, 0.12)
    axes.set_xlabel("milliseconds a query, log scale")
    axes.set_ylabel(measure)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
    label_points(
        axes,
        [(p.system, p.ms_per_query, p.value) for p in points],
        [*pairwise(_corners(front))],
    )


def _corners(front: Sequence[Point]) -> list[tuple[float, float]]:
    """Return where the line through the front goes: right, then up."""
    corners = [_place(front[0])]
    for point in front[1:]:
        corners += [(point.ms_per_query, corners[-1][1]), _place(point)]
    return corners


def _place(point: Point) -> tuple[float, float]:
    return point.ms_per_query, point.value


def _columns(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [p.ms_per_query for p in points], [p.value for p in points]
