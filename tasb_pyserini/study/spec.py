"""What a study is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.study.experiment import Cell, Experiment, Values

Relation = Literal[">", "=", "steady"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSet:
    """Queries that a model is tested on, and never trained on.

    Parameters
    ----------
    name, title
        For the study, and for people.
    collection
        Folder in the data folder.
    topics, qrels
        Files in that folder.
    level
        Lowest grade that counts as relevant in RR and R.
    """

    __test__ = False  # not a test of pytest's

    name: str
    title: str
    collection: str
    topics: str
    qrels: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTemplate:
    """A ``tasb`` command with placeholders.

    Parameters
    ----------
    writes
        The file or folder that it makes, inside the work folder.
    command
        Its text.
    each
        Whether there is one for every collection that is tested on.
    resumes
        Whether the command goes on with what a killed one left.
    temporary
        Whether its outcome is thrown away once nothing needs it.
    """

    writes: str
    command: str
    each: bool
    resumes: bool
    temporary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a paper says of two cells, or of one.

    Parameters
    ----------
    text, source
        For people; `source` names paper, table and page.
    relation
        ``>``: the first is better; ``=``: they differ by no more than `within`;
        ``steady``: a cell's deviation over seeds is below `within`.
    pairs
        Pairs of ``experiment/cell``, the one claimed to be better first; of a steady
        cell twice the same.
    test, measure
        Where it is tested.
    within
        See `relation`.
    """

    text: str
    source: str
    relation: Relation
    pairs: tuple[tuple[str, str], ...]
    test: str
    measure: Measure
    within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How large the study is.

    Parameters
    ----------
    name, about
        `about` says what is cut.
    trains
        Collections whose ``train.*`` are learned from.
    pretrains
        Collections whose passages the start is made of.
    tests
        Test sets that are left of each experiment's.
    values
        Sizes.
    seeds
        Of every cell.
    seeds_of
        Experiment → its seeds, where they are others.
    not_run
        ``experiment`` or ``experiment/cell`` → why it is cut.
    notes
        ``experiment`` or ``experiment/cell`` → what to know of a claim about it here.
    """

    name: str
    about: str
    trains: tuple[str, ...]
    pretrains: tuple[str, ...]
    tests: tuple[str, ...]
    values: Values
    seeds: tuple[int, ...]
    seeds_of: Mapping[str, tuple[int, ...]]
    not_run: Mapping[str, str]
    notes: Mapping[str, str]

    def seeds_for(self, experiment: str) -> tuple[int, ...]:
        """Return the seeds of an experiment's cells."""
        return self.seeds_of.get(experiment, self.seeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Experiments, what makes them, and the claims that they test.

    Parameters
    ----------
    path
        Its file.
    name, title, about, limits
        For people; `limits` says what it can't show.
    measures
        Of every cell.
    values
        Placeholders of all commands.
    """

    path: Path
    name: str
    title: str
    about: str
    limits: str
    measures: tuple[Measure, ...]
    tests: Mapping[str, TestSet]
    values: Values
    profiles: Mapping[str, Profile]
    shared: tuple[StageTemplate, ...]
    chains: Mapping[str, tuple[StageTemplate, ...]]
    experiments: Mapping[str, Experiment]
    claims: tuple[Claim, ...]

    def cell(self, name: str) -> tuple[Experiment, Cell]:
        """Return the experiment and the cell of ``experiment/cell``.

        Raises
        ------
        KeyError
            If there is none; the schema has checked all names of the file.
        """
        first, _, second = name.partition("/")
        experiment = self.experiments[first]
        return experiment, next(c for c in experiment.cells if c.name == second)

    def all_cells(self) -> list[str]:
        """Return the names of all cells, ``experiment/cell``."""
        return [
            f"{e.name}/{c.name}" for e in self.experiments.values() for c in e.cells
        ]
