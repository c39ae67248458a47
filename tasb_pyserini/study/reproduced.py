"""Whether another run of a study gives its records again."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.study.record import Record
from tasb_pyserini.study.records import Records, spread
from tasb_pyserini.study.spec import Study

PRINTED = 0.00005
"""Half a digit of the report's tables: numbers nearer than this are printed alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A number of a table, reported and measured again.

    Parameters
    ----------
    cell, test, measure
        Which.
    reported, again
        Means over the seeds that both have.
    deviation
        As reported, over all seeds; 0 of a single one.
    """

    cell: str
    test: str
    measure: str
    reported: float
    again: float
    deviation: float

    @property
    def within(self) -> bool:
        """Whether the new number lies within the deviation that was reported."""
        return abs(self.again - self.reported) <= max(self.deviation, PRINTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """A cell, reported and run again.

    Parameters
    ----------
    cell
        ``experiment/cell``.
    seeds
        That both have.
    equal
        How many of these records are equal in every query and measure.
    differences
        A test set and measure each.
    """

    cell: str
    seeds: tuple[int, ...]
    equal: int
    differences: tuple[Difference, ...]

    @property
    def outside(self) -> list[Difference]:
        """What does not lie within the reported deviation."""
        return [found for found in self.differences if not found.within]


def reproduced(study: Study, reported: Records, again: Records) -> Iterator[Reproduced]:
    """Yield each cell that has records of the same seed in both.

    Parameters
    ----------
    study
        Of both; its order is kept, and a cell that is another's is left out.
    reported, again
        From `read_records`.
    """
    for cell in study.all_cells():
        if study.cell(cell)[1].same_as:
            continue
        old, new = reported.get(cell, {}), again.get(cell, {})
        seeds = tuple(sorted(old.keys() & new.keys()))
        if seeds:
            yield Reproduced(
                cell=cell,
                seeds=seeds,
                equal=sum(_measured(old[s]) == _measured(new[s]) for s in seeds),
                differences=tuple(_differences(study, cell, seeds, old, new)),
            )


def _measured(record: Record) -> object:
    return {test: (of.qids_sha256, of.per_query) for test, of in record.tests.items()}


def _differences(
    study: Study,
    cell: str,
    seeds: tuple[int, ...],
    reported: dict[int, Record],
    again: dict[int, Record],
) -> Iterator[Difference]:
    old, new = ({s: of[s] for s in seeds} for of in (reported, again))
    for test, measured in old[seeds[0]].tests.items():
        level = study.tests[test].level
        for measure in measured.means:
            over_all = spread(reported, test, measure)
            here, there = spread(old, test, measure), spread(new, test, measure)
            if over_all is None or here is None or there is None:
                continue
            lone = math.isnan(over_all.deviation)
            yield Difference(
                cell=cell,
                test=test,
                measure=Measure.parse(measure).at_level(level),
                reported=here.mean,
                again=there.mean,
                deviation=0.0 if lone else over_all.deviation,
            )
