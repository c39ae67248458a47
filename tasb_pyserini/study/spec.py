"""What a study is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tasb_pyserini.evaluation.measures import Measure

Values = Mapping[str, str]
"""Placeholder → text, which may hold further placeholders."""

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
class Cell:
    """A row of a table.

    Parameters
    ----------
    name, labels
        For the study, and one for each column that names a row.
    chains
        Chains of stages that make it; empty for its experiment's.
    values
        What its commands have otherwise than others.
    same_as
        ``experiment/cell`` whose records these are; empty for a cell of its own.
    not_run
        Why no command can make it; empty where one can.
    paper
        The paper's numbers: a row a test set, a number a measure; None where the paper
        has none.
    """

    name: str
    labels: tuple[str, ...]
    chains: tuple[str, ...]
    values: Values
    same_as: str
    not_run: str
    paper: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distractors:
    """How the collection grows in a distractor curve (TCT-ColBERT, Figure 2).

    Parameters
    ----------
    test, measure
        What is measured.
    pool, depth
        Run whose first hits, with the relevant passages, are the smallest collection.
    run
        Run that ranks the whole collection for each query.
    sizes
        Numbers of random passages that are added.
    seed
        Of the draw.
    """

    test: str
    measure: Measure
    pool: str
    depth: int
    run: str
    sizes: tuple[int, ...]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A table of the papers.

    Parameters
    ----------
    name, title, source, about
        For people; `source` names paper and table.
    columns
        Headings of the columns that name a row.
    chains
        Chains of stages that make a cell.
    tests
        Names of test sets.
    values
        What its commands have otherwise than other experiments'.
    paper_tests, paper_measures
        What the cells' numbers of the paper stand for.
    by_seed
        Whether each seed has a row (TAS-B, Table 5).
    recall
        Whether recall at cutoffs is recorded and drawn (TAS-B, Figure 3).
    distractors
        The curve; None for no curve.
    cells
        In the order of the table; neighbours are compared.
    """

    name: str
    title: str
    source: str
    about: str
    columns: tuple[str, ...]
    chains: tuple[str, ...]
    tests: tuple[str, ...]
    values: Values
    paper_tests: tuple[str, ...]
    paper_measures: tuple[str, ...]
    by_seed: bool
    recall: bool
    distractors: Distractors | None
    cells: tuple[Cell, ...]


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
