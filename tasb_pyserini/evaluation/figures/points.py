"""Points of the latency figure: what ``tasb pipeline`` prints, or a table."""

import csv
import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from tasb_pyserini.evaluation.figures.latency import Point
from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.errors import InputError, TasbError, columns_error
from tasb_pyserini.formats.json_file import read_object
from tasb_pyserini.formats.lines import numbered_lines
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.formats.numbers import parse_finite

SYSTEM, MS = "system", "ms_per_query"
PRINTED = "what tasb pipeline --json prints"


def read_points(path: Path, measure: str) -> tuple[list[Point], list[str]]:
    """Read the time and one measure of systems.

    Parameters
    ----------
    path
        ``.json``: what ``tasb pipeline --json`` prints; the time of a stage is that of
        all that it builds on. ``.csv``: a line of headings, then a line a system, with
        ``system``, ``ms_per_query`` and a column for each measure.
    measure
        A heading, or another name of its measure: ``MRR@10`` finds ``RR@10``.

    Returns
    -------
    points, left_out
        Systems with time and value, and names of those that lack one.

    Raises
    ------
    InputError
        If the file is neither, a column is missing, a number is not finite, or a time
        is not above 0.
    """
    if path.suffix.lower() not in (".csv", ".json"):
        raise InputError(
            path, None, "unknown kind", "a .csv file, or .json of tasb pipeline --json"
        )
    rows = _stages(path) if path.suffix.lower() == ".json" else _lines(path)
    points, left_out = [], []
    for line, system, cells in rows:
        name = find_measure(measure, cells, path, line)
        ms = _number(cells[MS], MS, path, line)
        value = _number(cells[name], name, path, line)
        if ms is not None and ms <= 0:
            raise InputError(path, line, f"{MS} {ms:g}", "a time above 0")
        if ms is None or value is None:
            left_out.append(system)
        else:
            points.append(Point(system, ms, value))
    return points, left_out


def find_measure(
    measure: str, headings: Collection[str], path: Path, line: int | None
) -> str:
    """Return the heading that a measure stands under.

    Raises
    ------
    InputError
        If there is none; names the nearest.
    """
    names = [name for name in headings if name not in (SYSTEM, MS)]
    if measure in names:
        return measure
    wanted = _parse(measure)
    same = [name for name in names if wanted is not None and _parse(name) == wanted]
    if same:
        return same[0]
    if not names:
        raise InputError(path, line, "no measures", f"one column more, {measure}")
    raise InputError(path, line, unknown("measure", measure, names), "one of these")


def _parse(name: str) -> Measure | None:
    try:
        return Measure.parse(name)
    except TasbError:
        return None


Row = tuple[int | None, str, Mapping[str, Any]]
"""Line number, system, and its cells by heading."""


def _lines(path: Path) -> Iterator[Row]:
    table = csv.reader(f"{line}\n" for _, line in numbered_lines(path))
    try:
        headings = next(table, [])
        for name in filter(None, headings):
            if headings.count(name) > 1:
                raise InputError(path, 1, f"column {name} again", "each heading once")
        for name in (SYSTEM, MS):
            if name not in headings:
                raise InputError(
                    path, 1, f"no column {name}", f"{SYSTEM}, {MS} and measures"
                )
        for cells in filter(None, table):
            if len(cells) != len(headings):
                expected = f"{len(headings)}, as in line 1"
                raise columns_error(path, table.line_num, len(cells), expected)
            row = dict(zip(headings, cells, strict=True))
            yield table.line_num, row[SYSTEM], row
    except csv.Error as error:
        raise InputError(path, table.line_num, str(error), "a CSV file") from error


def _stages(path: Path) -> Iterator[Row]:
    report = read_object(path, PRINTED)
    try:
        for stage in report["stages"]:
            reranks = zip(stage["reranking"], stage["depths"], strict=True)
            steps = (f"{model}@{depth}" for model, depth in reranks)
            system = " > ".join([stage["retrieval"], *steps])
            yield None, system, {MS: stage["ms_per_query_in_all"], **stage["measures"]}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(path, None, "other JSON", PRINTED) from error


def _number(cell: object, name: str, path: Path, line: int | None) -> float | None:
    """Return the number of a cell; None where it is empty."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    number = parse_finite(str(cell))
    if math.isnan(number):
        raise InputError(path, line, f"{name} {cell!r}", "a finite number")
    return number
