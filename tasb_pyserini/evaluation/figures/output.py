"""Figures as files: the pictures, and their numbers beside them."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tasb_pyserini.evaluation.figures.style import house_style
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import refuse_overwriting
from tasb_pyserini.formats.replace import replace_bytes, replace_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}
"""Suffix → what matplotlib must not write, for the same bytes each time."""

Table = Sequence[Sequence[object]]
"""Rows of a CSV file, the first of them the headings."""


def check_outputs(pictures: Iterable[Path], inputs: Iterable[Path] = ()) -> None:
    """Refuse early what :func:`write_figure` should not write.

    Parameters
    ----------
    pictures
        Files to write; beside each goes a ``.csv`` of its name.
    inputs
        Files that are read.

    Raises
    ------
    TasbError
        If a suffix is unknown, or an input would be written over.
    """
    read = list(inputs)
    for path in pictures:
        if path.suffix.lower() not in FORMATS:
            raise TasbError(
                f"{path}: expected a name that ends in {', '.join(FORMATS)}"
            )
        for written in (path, _table_beside(path)):
            refuse_overwriting(written, read, path)


def write_figure(
    pictures: Sequence[Path],
    table: Table,
    draw: Callable[["Axes"], None],
    *,
    size: tuple[float, float] = (7, 4.3),
) -> None:
    """Draw a figure, and write it in each form with its numbers beside it.

    The same numbers give the same bytes, under one version of matplotlib.

    Parameters
    ----------
    pictures
        Files to write, ``.png``, ``.svg`` or ``.pdf``; replaced whole.
    table
        For a ``.csv`` beside each picture, under the same name; numbers unrounded.
    draw
        Draws on the axes that it is given.
    size
        Width and height in inches.

    Raises
    ------
    TasbError
        If a suffix is unknown or a file cannot be written.
    """
    check_outputs(pictures)
    suffixes = dict.fromkeys(path.suffix.lower() for path in pictures)
    rendered = {suffix: _render(suffix, draw, size) for suffix in suffixes}
    for path in dict.fromkeys(map(_table_beside, pictures)):
        with replace_file(path) as file:
            csv.writer(file, lineterminator="\n").writerows(table)
    for path in pictures:
        with replace_bytes(path) as picture:
            picture.write(rendered[path.suffix.lower()])


def _table_beside(picture: Path) -> Path:
    return picture.with_suffix(".csv")


def _render(
    suffix: str, draw: Callable[["Axes"], None], size: tuple[float, float]
) -> bytes:
    """Draw on a new figure: one that was saved before saves as other bytes."""
    library = import_module("matplotlib.figure")
    canvas = import_module("matplotlib.backends.backend_agg").FigureCanvasAgg
    buffer = io.BytesIO()
    with house_style():
        figure = library.Figure(figsize=size, layout="constrained")
        canvas(figure)  # measures text, as labels need
        draw(figure.subplots())
        figure.savefig(buffer, format=suffix[1:], metadata=FORMATS[suffix])
    return buffer.getvalue()
