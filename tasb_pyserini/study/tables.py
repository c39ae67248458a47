"""The tables of a report, laid out like the papers'."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tasb_pyserini.evaluation.measures import Measure, mean
from tasb_pyserini.study.cells import reason_not_run
from tasb_pyserini.study.experiment import Experiment
from tasb_pyserini.study.numbers import Number, decimals, make_marks, make_number
from tasb_pyserini.study.record import Record, place_of
from tasb_pyserini.study.records import Records
from tasb_pyserini.study.spec import Profile, Study, TestSet


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
        Of every test set, each at its level.
    rows
        In the order of the cells.
    timed
        Whether any row has a latency.
    """

    experiment: Experiment
    tests: tuple[TestSet, ...]
    measures: tuple[Measure, ...]
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
    marks = make_marks(study, experiment, records, tests)
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
                    make_number(experiment, cell, of, marks, test.name, str(measure))
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
        measures=study.measures,
        rows=tuple(rows),
        timed=any(row.latency for row in rows),
    )


def _link(record: Path, page: Path) -> str:
    path = os.path.relpath(record.absolute(), page.absolute().parent)
    return quote(Path(path).as_posix())


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
