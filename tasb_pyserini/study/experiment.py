"""The experiments of a study: tables of the papers, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasb_pyserini.evaluation.measures import Measure

Values = Mapping[str, str]
"""Placeholder → text, which may hold further placeholders."""


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
