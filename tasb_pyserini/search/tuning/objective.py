"""What is tuned for: a measure, as a sum over the relevant hits of a query."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.errors import TasbError

Ranks = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A measure of a fused run.

    Each measure is a sum over relevant hits, whose terms depend on two numbers only:
    the hit's rank among all hits and its rank among the relevant ones.

    Parameters
    ----------
    measure
        Any that `evaluation.measures` knows.
    k
        Hits of the fused run; those below do not count.
    relevance_level
        Lowest grade that counts as relevant, except in nDCG.

    Raises
    ------
    TasbError
        If the level is below 1.
    """

    measure: Measure
    k: int = 1000
    relevance_level: int = 1

    def __post_init__(self) -> None:
        if self.relevance_level < 1:
            raise TasbError(
                f"relevance level {self.relevance_level}: expected at least 1"
            )

    def worths(self, grades: Mapping[str, int]) -> dict[str, float]:
        """Return what each relevant document of a query can add; empty if none is.

        Examples
        --------
        >>> recall = Objective(measure=Measure("R", 100))
        >>> recall.worths({"a": 1, "b": 0, "c": 2})
        {'a': 0.5, 'c': 0.5}
        """
        name, cutoff = self.measure.name, self.measure.cutoff
        level = 1 if name == "nDCG" else self.relevance_level
        relevant = {docid: grade for docid, grade in grades.items() if grade >= level}
        if name == "nDCG":
            best = sorted(relevant.values(), reverse=True)[:cutoff]
            ideal = math.fsum(g / math.log2(r) for r, g in enumerate(best, start=2))
            return {docid: grade / ideal for docid, grade in relevant.items()}
        parts = {"RR": 1, "P": cutoff or 1}.get(name, max(1, len(relevant)))
        return dict.fromkeys(relevant, 1 / parts)

    def terms(self, ranks: Ranks, among: Ranks, worths: Values) -> Values:
        """Return what relevant hits add.

        Parameters
        ----------
        ranks, among
            Rank from 1 among all hits, and among relevant ones; shape ``(r, m)``.
        worths
            Of the documents, from `worths`, shape ``(r, 1)``.
        """
        last = min(self.measure.cutoff or self.k, self.k)
        if self.measure.name == "nDCG":
            terms = worths / np.log2(1.0 + ranks)
        elif self.measure.name == "RR":
            terms = worths * (among == 1) / ranks
        elif self.measure.name == "AP":
            terms = worths * among / ranks
        else:
            terms = np.broadcast_to(worths, ranks.shape)
        return np.where(ranks <= last, terms, 0.0)
