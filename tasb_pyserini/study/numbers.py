"""The numbers of a report's tables, and which are significantly apart."""

import math
from dataclasses import dataclass
from itertools import pairwise

from tasb_pyserini.evaluation.correction import holm
from tasb_pyserini.evaluation.paired import differences
from tasb_pyserini.evaluation.significance import t_test
from tasb_pyserini.study.claims import ALPHA
from tasb_pyserini.study.experiment import Cell, Experiment
from tasb_pyserini.study.record import Record
from tasb_pyserini.study.records import Records, same_queries, seed_average, spread
from tasb_pyserini.study.spec import Study, TestSet

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


def make_number(
    experiment: Experiment,
    cell: Cell,
    records: dict[int, Record],
    marks: dict[tuple[str, str, str], str],
    test: str,
    measure: str,
) -> Number:
    """Return what stands in one place of a table.

    Parameters
    ----------
    experiment, cell
        Table and row.
    records
        Of the row, by seed.
    marks
        From `make_marks`.
    test, measure
        The column.
    """
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


def make_marks(
    study: Study,
    experiment: Experiment,
    records: Records,
    tests: tuple[TestSet, ...],
) -> dict[tuple[str, str, str], str]:
    """Test neighbouring rows; those of a table on one measure and test are a family.

    Returns
    -------
    dict
        Cell, test set and measure → `BETTER` or `WORSE` than the row above; absent
        where they do not differ significantly, or one of them was not run.
    """
    marks = {}
    for test in (test.name for test in tests):
        for measure in map(str, study.measures):
            apart = {}
            for above, below in pairwise(experiment.cells):
                first = records.get(f"{experiment.name}/{above.name}")
                second = records.get(f"{experiment.name}/{below.name}")
                if not first or not second or first is second:
                    continue
                if not same_queries(_any(first), _any(second), test):
                    continue
                apart[below.name] = differences(
                    seed_average(first, test, measure),
                    seed_average(second, test, measure),
                )
            corrected = holm([t_test(of).p for of in apart.values()])
            for (cell, of), p in zip(apart.items(), corrected, strict=True):
                if p <= ALPHA:
                    marks[cell, test, measure] = BETTER if of.sum() > 0 else WORSE
    return marks


def _any(records: dict[int, Record]) -> Record:
    return next(iter(records.values()))
