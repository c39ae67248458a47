"""The tables of a report, laid out like the papers'."""

import math
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from tasb_pyserini.evaluation.correction import holm
from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.evaluation.paired import differences
from tasb_pyserini.evaluation.significance import t_test
from tasb_pyserini.study.claims import ALPHA
from tasb_pyserini.study.plan import reason_not_run
from tasb_pyserini.study.record import Record, place_of
from tasb_pyserini.study.records import Records, same_queries, seed_average, spread
from tasb_pyserini.study.spec import Cell, Experiment, Profile, Study, TestSet

BETTER, WORSE = "▲", "▼"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What stands in a table.

    Parameters
    ----------
    mean, deviation
        Over seeds, empty where nothing was measured; the deviation also of one seed.
    mark
        Whether it is significantly better or worse than the row above.
    paper
        The paper's number, empty where it has none.
    """

    mean: str
    deviation: str
    mark: str
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table.

    Parameters
    ----------
    name, labels
        ``experiment/cell``, and what names it for people.
    numbers
        One a column.
    records
        Seed and link of each record that they are made of.
    not_run
        Why there is none.
    latency
        Milliseconds a query, as a text; empty where it was not measured.
    """

    name: str
    labels: tuple[str, ...]
    numbers: tuple[Number, ...]
    records: tuple[tuple[str, str], ...]
    not_run: str
    latency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An experiment as a table.

    Parameters
    ----------
    experiment
        Which.
    tests
        Test sets, each with a column for each of `measures`.
    measures
        Their names.
    rows
        In the order of the cells.
    timed
        Whether any row has a latency.
    """

    experiment: Experiment
    tests: tuple[TestSet, ...]
    measures: tuple[str, ...]
    rows: tuple[Row, ...]
    timed: bool


def make_table(
    study: Study,
    profile: Profile,
    experiment: Experiment,
    records: Records,
    results: Path,
    page: Path,
) -> Table:
    """Lay out an experiment.

    Parameters
    ----------
    study, profile, experiment, records
        What there is.
    results
        Folder of the records, which the table links to.
    page
        File of the report.
    """
    tests = tuple(study.tests[n] for n in experiment.tests if n in profile.tests)
    marks = _marks(study, experiment, records, tests)
    rows = []
    for cell in experiment.cells:
        name = f"{experiment.name}/{cell.name}"
        of = records.get(name, {})
        own = cell.same_as or name
        rows.append(
            Row(
                name=name,
                labels=cell.labels,
                numbers=tuple(
                    _number(study, experiment, cell, of, marks, test.name, str(measure))
                    for test in tests
                    for measure in study.measures
                ),
                records=tuple(
                    (str(seed), _link(place_of(results, profile.name, own, seed), page))
                    for seed in of
                ),
                not_run=""
                if of
                else reason_not_run(study, profile, own) or "no record",
                latency=_latency(experiment, of),
            )
        )
        if experiment.by_seed:
            rows += _seed_rows(study, experiment, name, of, tests, results, page)
    return Table(
        experiment=experiment,
        tests=tests,
        measures=tuple(map(str, study.measures)),
        rows=tuple(rows),
        timed=any(row.latency for row in rows),
    )


def _link(record: Path, page: Path) -> str:
    path = os.path.relpath(record.absolute(), page.absolute().parent)
    return quote(Path(path).as_posix())


def _number(
    study: Study,
    experiment: Experiment,
    cell: Cell,
    records: dict[int, Record],
    marks: dict[tuple[str, str, str], str],
    test: str,
    measure: str,
) -> Number:
    found = spread(records, test, measure)
    deviation = "" if found is None or math.isnan(found.deviation) else found.deviation
    return Number(
        mean="" if found is None else decimals(found.mean, 4),
        deviation=decimals(deviation, 4) if deviation != "" else "",
        mark=marks.get((cell.name, test, measure), ""),
        paper=_paper(experiment, cell, test, measure),
    )


def _paper(experiment: Experiment, cell: Cell, test: str, measure: str) -> str:
    if not cell.paper or test not in experiment.paper_tests:
        return ""
    if measure not in experiment.paper_measures:
        return ""
    row = cell.paper[experiment.paper_tests.index(test)]
    number = row[experiment.paper_measures.index(measure)]
    return "" if number is None else decimals(number, 3)


def decimals(number: float | str, digits: int) -> str:
    """Return a number as the papers print it, without the 0 before the point.

    Examples
    --------
    >>> decimals(0.7123, 3), decimals(1.0, 3)
    ('.712', '1.000')
    """
    text = f"{number:.{digits}f}"
    return text[1:] if text.startswith("0.") else text


def _marks(
    study: Study,
    experiment: Experiment,
    records: Records,
    tests: tuple[TestSet, ...],
) -> dict[tuple[str, str, str], str]:
    """Test neighbouring rows; those of a table on one measure and test are a family."""
    there = [
        c.name for c in experiment.cells if f"{experiment.name}/{c.name}" in records
    ]
    marks = {}
    for test in (test.name for test in tests):
        for measure in map(str, study.measures):
            apart = {}
            for above, below in pairwise(there):
                first = records[f"{experiment.name}/{above}"]
                second = records[f"{experiment.name}/{below}"]
                if first is second or not same_queries(_any(first), _any(second), test):
                    continue
                apart[below] = differences(
                    seed_average(first, test, measure),
                    seed_average(second, test, measure),
                )
            corrected = holm([t_test(of).p for of in apart.values()])
            for (below, of), p in zip(apart.items(), corrected, strict=True):
                if p <= ALPHA:
                    marks[below, test, measure] = BETTER if of.sum() > 0 else WORSE
    return marks


def _any(records: dict[int, Record]) -> Record:
    return next(iter(records.values()))


def _latency(experiment: Experiment, records: dict[int, Record]) -> str:
    """Return the mean over seeds of the sum over stages, where a table is about it."""
    sums = [sum(r.latency.values()) for r in records.values() if r.latency]
    return f"{mean(sums):.1f}" if sums and experiment.recall else ""


def _seed_rows(
    study: Study,
    experiment: Experiment,
    name: str,
    records: dict[int, Record],
    tests: tuple[TestSet, ...],
    results: Path,
    page: Path,
) -> list[Row]:
    """Return a row a seed, as Table 5 of TAS-B has it."""
    rows = []
    for seed, record in records.items():
        place = place_of(results, record.profile, record.cell, seed)
        numbers = tuple(
            Number(
                mean=decimals(record.tests[test.name].means[str(measure)], 4)
                if test.name in record.tests
                else "",
                deviation="",
                mark="",
                paper="",
            )
            for test in tests
            for measure in study.measures
        )
        blank = ("",) * (len(experiment.columns) - 1)
        rows.append(
            Row(
                name=name,
                labels=(f"seed {seed}", *blank),
                numbers=numbers,
                records=((str(seed), _link(place, page)),),
                not_run="",
                latency="",
            )
        )
    return rows
