"""Figures of the HTML summary: recall at cutoffs, from the runs of a spec."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote

from tasb_pyserini.evaluation.figures.output import Table, write_figure
from tasb_pyserini.evaluation.figures.recall import (
    RecallCurves,
    draw_recall,
    recall_curves,
)
from tasb_pyserini.evaluation.figures.style import shorten
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.regressions.rows import Row
from tasb_pyserini.regressions.spec import Spec, Target

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TICKS = (1, 10, 100, 1000)
SIZE = (3.9, 3.2)
"""Inches; 375 CSS pixels wide, so that a telephone shows the letters whole."""


PLAIN = " /:;,=()*.-_"
"""What a ``data:`` URL in an attribute may hold as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallFigure:
    """A figure that is part of an HTML file.

    Parameters
    ----------
    title
        What it shows.
    source
        The picture, from `svg_url`.
    numbers
        What it was drawn from; the first row has the headings.
    """

    title: str
    source: str
    numbers: list[list[str]]


def recall_figures(
    spec: Spec, rows: Iterable[Row], folder: Path
) -> Iterator[RecallFigure]:
    """Yield a figure for each qrels of a spec, of all runs that scores were found for.

    Parameters
    ----------
    spec, rows
        The spec, and its rows of `~tasb_pyserini.regressions.rows.report_rows`.
    folder
        With its runs.
    """
    found = {row.target for row in rows if row.found is not None}
    by_qrels: dict[str, list[Target]] = {}
    for target in spec.targets:
        if target.name in found:
            by_qrels.setdefault(target.qrels, []).append(target)
    for qrels, targets in by_qrels.items():
        names: dict[str, list[str]] = {}
        for target in targets:
            names.setdefault(target.run, []).append(target.name)
        curves = recall_curves(
            {", ".join(of): read_run(folder / run) for run, of in names.items()},
            read_qrels(folder / qrels),
            relevance_level=max(m.level for target in targets for m in target.scores),
        )
        yield RecallFigure(
            title=f"Recall at cutoffs: {', '.join(curves.recall)}",
            source=_picture(curves),
            numbers=printed(curves.table()),
        )


def _picture(curves: RecallCurves) -> str:
    def draw(axes: "Axes") -> None:
        draw_recall(axes, curves)
        axes.set_xticks(TICKS)
        axes.legend(list(map(shorten, curves.recall)), loc="lower right")

    with TemporaryDirectory() as folder:
        path = Path(folder) / "recall.svg"
        write_figure([path], curves.table(), draw, size=SIZE)
        return svg_url(path)


def svg_url(picture: Path) -> str:
    """Return a picture as a ``data:`` URL, which nothing is fetched for.

    Not in base64, of which git and a reader could make nothing.
    """
    text = picture.read_text(encoding="utf-8")
    return f"data:image/svg+xml,{quote(text, safe=PLAIN)}"


def printed(table: Table) -> list[list[str]]:
    """Return the cells of a figure's numbers as a page shows them."""
    return [
        [f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row]
        for row in table
    ]
