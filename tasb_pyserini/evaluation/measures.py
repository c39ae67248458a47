"""Measures of a run against qrels, as trec_eval computes them."""

import difflib
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pytrec_eval

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run

# Name → trec_eval's measure without a cutoff, and with one. trec_eval cuts no
# reciprocal rank; `evaluate` does.
TREC_EVAL = {
    "nDCG": ("ndcg", "ndcg_cut"),
    "RR": ("recip_rank", "recip_rank"),
    "AP": ("map", "map_cut"),
    "R": (None, "recall"),
    "P": (None, "P"),
}

# What users write, in lower case → name.
KNOWN = {name.lower(): name for name in TREC_EVAL} | {
    "map": "AP",
    "mrr": "RR",
    "recall": "R",
    "precision": "P",
    "recip_rank": "RR",
    "ndcg_cut": "nDCG",
}

FORM = re.compile(r"([A-Za-z_]+)(?:@([1-9][0-9]{0,8})([kK]?))?")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure and how many hits it looks at.

    Parameters
    ----------
    name
        ``nDCG``, ``RR``, ``AP``, ``R`` or ``P``; `parse` knows more names.
    cutoff
        Number of hits; None for all. ``R`` and ``P`` need one.

    Examples
    --------
    >>> print(Measure.parse("nDCG@10"), Measure.parse("MAP"), Measure.parse("R@1K"))
    nDCG@10 AP R@1000
    """

    name: str
    cutoff: int | None = None

    def __post_init__(self) -> None:
        if self.name not in TREC_EVAL:
            raise _unknown(self.name)
        if self.cutoff is None and TREC_EVAL[self.name][0] is None:
            raise TasbError(f"measure {self.name}: expected a cutoff: {self.name}@100")
        if self.cutoff is not None and self.cutoff < 1:
            raise TasbError(f"measure {self}: expected a cutoff of at least 1")

    def __str__(self) -> str:
        return self.name if self.cutoff is None else f"{self.name}@{self.cutoff}"

    def at_level(self, relevance_level: int) -> str:
        """Return the name as ir_measures prints it at a relevance level.

        Examples
        --------
        >>> Measure("R", 100).at_level(2), Measure("R", 100).at_level(1)
        ('R(rel=2)@100', 'R@100')
        >>> Measure("nDCG", 10).at_level(2)  # takes every grade
        'nDCG@10'
        """
        if relevance_level == 1 or self.name == "nDCG":
            return str(self)
        name = f"{self.name}(rel={relevance_level})"
        return name if self.cutoff is None else f"{name}@{self.cutoff}"

    @classmethod
    def parse(cls, text: str) -> "Measure":
        """Return the measure of a name such as ``nDCG@10``, ``MAP`` or ``MRR@10``.

        Capitals do not matter, and ``1K`` is 1,000, as Pyserini prints it.

        Raises
        ------
        TasbError
            If there is no such measure; names the nearest.
        """
        match = FORM.fullmatch(text)
        if match is None:
            raise _unknown(text)
        word, digits, kilo = match.groups()
        if word.lower() not in KNOWN:
            raise _unknown(text)
        cutoff = int(digits) * (1000 if kilo else 1) if digits else None
        return cls(KNOWN[word.lower()], cutoff)

    @property
    def trec_eval_name(self) -> str:
        """What pytrec_eval calls the measure in its results."""
        plain, cut = TREC_EVAL[self.name]
        if plain is None or (self.cutoff is not None and cut != plain):
            return f"{cut}_{self.cutoff}"
        return plain


Values = dict[Measure, dict[str, float]]
"""Measure → qid → value."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the queries of a run and of qrels meet.

    Parameters
    ----------
    judged
        Queries of the qrels: those that are averaged over.
    without_results
        Judged queries that the run has no hits for; they count 0.
    """

    judged: int
    without_results: int


def evaluate(
    run: Run, qrels: Qrels, measures: Iterable[Measure], *, relevance_level: int = 1
) -> Values:
    """Return each measure of each judged query, as ``trec_eval -c`` would.

    Every query of the qrels has a value: 0 where the run has no hits for it, or no
    passage is relevant to it. Other queries have none. The order of the hits comes
    from their scores (see `tasb_pyserini.formats.runs.ranked`).

    Parameters
    ----------
    relevance_level
        Lowest grade that counts as relevant in RR, AP, R and P (``trec_eval -l``).
        nDCG takes every grade as its gain whatever the level.

    Raises
    ------
    TasbError
        If `relevance_level` is below 1.
    """
    if relevance_level < 1:
        raise TasbError(f"relevance level {relevance_level}: expected at least 1")
    wanted = list(dict.fromkeys(measures))
    judged = {qid: _without_negatives(grades) for qid, grades in qrels.items()}
    evaluator = pytrec_eval.RelevanceEvaluator(
        judged, {measure.trec_eval_name for measure in wanted}, relevance_level
    )
    found = evaluator.evaluate({qid: run[qid] for qid in judged if run.get(qid)})
    return {
        measure: {
            qid: _value(measure, found[qid]) if qid in found else 0.0 for qid in judged
        }
        for measure in wanted
    }


def mean(values: Collection[float]) -> float:
    """Return the arithmetic mean, rounded once; 0 of nothing."""
    return math.fsum(values) / len(values) if values else 0.0


def query_mean(values: Mapping[str, float]) -> float:
    """Return the mean over queries with the rounding of trec_eval; 0 of none.

    trec_eval adds the values up one by one, in ascending order of the qids' bytes. That
    can differ from `mean` in the last bit of the double, which decides the last printed
    digit where the mean lies half way between two, such as 0.00875.

    Parameters
    ----------
    values
        qid → value of a measure.

    Examples
    --------
    >>> ten = dict.fromkeys("abcdefghij", 0.1)
    >>> query_mean(ten), mean(ten.values())
    (0.09999999999999999, 0.1)
    """
    total = 0.0
    for qid in sorted(values):
        total += values[qid]
    return total / len(values) if values else 0.0


def describe_coverage(
    run: Run, qrels: Qrels, *, run_name: str = "the run", qrels_name: str = "the qrels"
) -> Coverage:
    """Compare the queries of a run and of qrels.

    Raises
    ------
    TasbError
        If the run has no hits, or they share no query; names the first of both.
    """
    if not any(run.values()):
        raise TasbError(f"{run_name}: no hits; expected a run in the format of TREC")
    shared = sum(1 for qid in qrels if run.get(qid))
    if not shared:
        ours, theirs = next(iter(run)), next(iter(qrels), None)
        raise TasbError(
            f"{run_name}: no query is judged in {qrels_name} (the first are {ours!r} "
            f"and {theirs!r}); expected the same queries; give the qrels of its topics"
        )
    return Coverage(len(qrels), len(qrels) - shared)


def _value(measure: Measure, values: dict[str, float]) -> float:
    value = values[measure.trec_eval_name]
    # The first relevant hit stands at rank 1 / RR. The same division gives the same
    # double, so that this is exactly the reciprocal rank of a run cut at the cutoff.
    if measure.name == "RR" and measure.cutoff is not None:
        return value if value >= 1.0 / measure.cutoff else 0.0
    return value


def _without_negatives(grades: dict[str, int]) -> dict[str, int]:
    """Return grades with 0 for negative ones, which these measures treat alike.

    With nothing but negative grades for a query trec_eval (form_res_rels.c) would
    reserve an array of negative size.
    """
    if min(grades.values(), default=0) >= 0:
        return grades
    return {docid: max(grade, 0) for docid, grade in grades.items()}


def _unknown(text: str) -> TasbError:
    word, _, cutoff = text.partition("@")
    near = difflib.get_close_matches(word.lower(), KNOWN, n=1, cutoff=0.0)
    name = KNOWN[near[0]]
    if re.fullmatch("[1-9][0-9]{0,8}", cutoff):
        name += f"@{cutoff}"
    return TasbError(
        f"unknown measure {text!r}: expected nDCG, RR, AP (MAP), R or P, with a cutoff "
        f"such as nDCG@10; did you mean {name}?"
    )
