"""The figures of a report: recall at cutoffs, and the distractor curve."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tasb_pyserini.evaluation.figures.output import Table, write_figure
from tasb_pyserini.evaluation.figures.recall import RecallCurves, draw_recall
from tasb_pyserini.evaluation.figures.style import line_style
from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.regressions.html_figures import printed, svg_url
from tasb_pyserini.study.experiment import Experiment
from tasb_pyserini.study.record import Record
from tasb_pyserini.study.records import Records
from tasb_pyserini.study.spec import Profile, Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and its numbers.

    Parameters
    ----------
    title
        What it shows.
    picture
        SVG file; its numbers are beside it, as CSV.
    numbers
        What it was drawn from; the first row has the headings.
    """

    title: str
    picture: Path
    numbers: list[list[str]]

    def data_url(self) -> str:
        """Return the picture as part of a page that fetches nothing."""
        return svg_url(self.picture)


def make_figures(
    study: Study,
    profile: Profile,
    experiment: Experiment,
    records: Records,
    folder: Path,
) -> list[Figure]:
    """Draw what an experiment has records for; values are means over seeds.

    Parameters
    ----------
    study, profile, experiment, records
        What there is.
    folder
        For pictures and their numbers.
    """
    there = {
        " ".join(cell.labels): records[f"{experiment.name}/{cell.name}"]
        for cell in experiment.cells
        if f"{experiment.name}/{cell.name}" in records
    }
    stem = f"{profile.name}.{experiment.name}"
    figures = []
    if experiment.recall:
        for test in (t for t in experiment.tests if t in profile.tests):
            curves = _recall(there, test, study.tests[test].level)
            if curves:
                figures.append(
                    _written(
                        f"Recall at cutoffs, {study.tests[test].title}",
                        folder / f"{stem}.recall.{test}.svg",
                        curves.table(),
                        partial(draw_recall, curves=curves),
                    )
                )
    lines = {
        name: _averaged([r.distractors for r in of.values()])
        for name, of in there.items()
    }
    lines = {name: line for name, line in lines.items() if line}
    if experiment.distractors is not None and lines:
        curve = experiment.distractors
        sizes = list(next(iter(lines.values())))
        rows: Table = [
            ["passages", *lines],
            *([int(size), *(line[size] for line in lines.values())] for size in sizes),
        ]
        measure = curve.measure.at_level(study.tests[curve.test].level)
        title = f"{measure} as the collection grows, "
        figures.append(
            _written(
                title + study.tests[curve.test].title,
                folder / f"{stem}.distractors.svg",
                rows,
                partial(_draw_curve, lines=lines, measure=measure),
            )
        )
    return figures


def _averaged(curves: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of curves over their points; of those that have the first's."""
    known = [curve for curve in curves if curve]
    if not known:
        return {}
    points = known[0]
    return {
        point: mean([curve[point] for curve in known if point in curve])
        for point in points
    }


def _recall(
    cells: dict[str, dict[int, Record]], test: str, level: int
) -> RecallCurves | None:
    lines = {}
    queries = 0
    for name, records in cells.items():
        measured = [r.tests[test] for r in records.values() if test in r.tests]
        line = _averaged([of.recall for of in measured])
        if line:
            lines[name] = line
            queries = measured[0].queries
    if not lines:
        return None
    cutoffs = tuple(map(int, next(iter(lines.values()))))
    recall = {name: list(line.values()) for name, line in lines.items()}
    return RecallCurves(cutoffs, recall, queries, level)


def _draw_curve(axes: "Axes", lines: dict[str, dict[str, float]], measure: str) -> None:
    for number, (name, line) in enumerate(lines.items()):
        sizes = [int(size) for size in line]
        axes.plot(sizes, list(line.values()), label=name, **line_style(number))
    axes.set_xlabel("passages in the collection")
    axes.set_ylabel(measure)
    axes.legend()


def _written(
    title: str, picture: Path, table: Table, draw: Callable[["Axes"], None]
) -> Figure:
    picture.parent.mkdir(parents=True, exist_ok=True)
    write_figure([picture], table, draw)
    return Figure(title=title, picture=picture, numbers=printed(table))
