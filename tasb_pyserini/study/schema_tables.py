"""The experiments of a study's file."""

from collections.abc import Collection

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.formats.section import Section
from tasb_pyserini.study.experiment import Cell, Distractors, Experiment

KEYS = (
    *("name", "title", "source", "about", "columns", "chains", "tests", "values"),
    *("paper_tests", "paper_measures", "by_seed", "recall", "distractors", "cells"),
)
CELL_KEYS = ("name", "labels", "chains", "values", "same_as", "not_run", "paper")
CURVE_KEYS = ("test", "measure", "pool", "depth", "run", "sizes", "seed")


def read_experiment(section: Section, tests: Collection[str]) -> Experiment:
    """Read an experiment; `tests` are the names of test sets that there are.

    Raises
    ------
    InputError
        If a key is missing or of the wrong kind, or the paper's numbers do not fill
        their table.
    TasbError
        If a key or a name is unknown.
    """
    section.refuse_unknown(KEYS, "key of an experiment")
    paper_tests = section.texts("paper_tests", ())
    for key in ("tests", "paper_tests"):
        for name in section.texts(key, ()):
            if name not in tests:
                raise section.error(key, unknown("test set", name, tests))
    measures = section.texts("paper_measures", ())
    columns = section.texts("columns")
    shape = (len(paper_tests), len(measures))
    cells = tuple(_cell(c, len(columns), shape) for c in section.sections("cells"))
    names = [cell.name for cell in cells]
    if not cells or len(set(names)) < len(names):
        raise section.fault("cells", f"cells: {names}", "names that differ")
    return Experiment(
        name=section.inner_path("name"),
        title=section.text("title"),
        source=section.text("source"),
        about=section.text("about", "").strip(),
        columns=columns,
        chains=section.texts("chains", ()),
        tests=section.texts("tests"),
        values=section.texts_by_key("values"),
        paper_tests=paper_tests,
        paper_measures=tuple(str(Measure.parse(name)) for name in measures),
        by_seed=section.flag("by_seed"),
        recall=section.flag("recall"),
        distractors=_distractors(section, tests),
        cells=cells,
    )


def _cell(section: Section, columns: int, shape: tuple[int, int]) -> Cell:
    section.refuse_unknown(CELL_KEYS, "key of a cell")
    labels = section.texts("labels")
    if len(labels) != columns:
        raise section.fault("labels", f"{len(labels)} labels", f"{columns}")
    return Cell(
        name=section.inner_path("name"),
        labels=labels,
        chains=section.texts("chains", ()),
        values=section.texts_by_key("values"),
        same_as=section.text("same_as", ""),
        not_run=section.text("not_run", ""),
        paper=_paper(section, shape),
    )


def _paper(
    section: Section, shape: tuple[int, int]
) -> tuple[tuple[float | None, ...], ...]:
    rows = section.values.get("paper")
    if rows is None:
        return ()
    expected = f"{shape[0]} lists of {shape[1]} numbers or null"
    fault = section.fault("paper", "other numbers", expected)
    if not isinstance(rows, list) or len(rows) != shape[0]:
        raise fault
    for row in rows:
        if not isinstance(row, list) or len(row) != shape[1]:
            raise fault
        if not all(cell is None or isinstance(cell, float) for cell in row):
            raise fault
    return tuple(map(tuple, rows))


def _distractors(section: Section, tests: Collection[str]) -> Distractors | None:
    inner = section.values.get("distractors")
    if inner is None:
        return None
    if not isinstance(inner, Section):
        raise section.fault("distractors", "no mapping", "key: value lines")
    inner.refuse_unknown(CURVE_KEYS, "key of a curve")
    test = inner.text("test")
    if test not in tests:
        raise inner.error("test", unknown("test set", test, tests))
    sizes = tuple(int(size) for size in inner.numbers("sizes"))
    if not sizes or min(sizes) < 0 or list(sizes) != sorted(set(sizes)):
        raise inner.fault("sizes", f"sizes {sizes}", "rising numbers from 0")
    return Distractors(
        test=test,
        measure=inner.at("measure", lambda: Measure.parse(inner.text("measure"))),
        pool=inner.text("pool"),
        depth=inner.count("depth", 100),
        run=inner.text("run"),
        sizes=sizes,
        seed=inner.count("seed", 1),
    )
