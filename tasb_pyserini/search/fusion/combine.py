"""A rule of fusion at work on one query."""

import numpy as np

from tasb_pyserini.formats.best_first import DocidsAt, best_first, in_single
from tasb_pyserini.search.fusion.average import average
from tasb_pyserini.search.fusion.convex import convex
from tasb_pyserini.search.fusion.interpolation import interpolation
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS, Scores
from tasb_pyserini.search.fusion.reciprocal_rank import reciprocal_rank
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.fusion.weighted_sum import weighted_sum

_EMPTY = {"centred": -0.5}
"""Normalisation → minimum of an empty list; 0 in all others.

``HybridSearcher`` takes 0 for an empty list's minimum and 1 for its maximum.
"""


def combine(
    scores: Scores,
    fusion: Fusion,
    docids_at: DocidsAt,
    *,
    normalised: bool = False,
) -> Scores:
    """Return the fused scores of one query's documents, shape ``(n,)``.

    Parameters
    ----------
    scores
        A row a list, a column a document, shape ``(n_lists, n)``; NaN where the list
        lacks the document. Changed in place.
    docids_at
        Returns the docids at some columns; asked for where ranks need a tie broken.
    normalised
        Whether the scores have been normalised already, or by ``rrf`` turned into
        reciprocal ranks.
    """
    for row in scores:
        if fusion.method == "rrf":
            if not normalised:
                _rank(row, fusion.rrf_k, docids_at)
            row[np.isnan(row)] = 0
        else:
            _complete(row, fusion, normalised=normalised)
    if fusion.method == "interpolation":
        return interpolation(scores[0], scores[1], _number(fusion.alpha))
    if fusion.method == "convex":
        return convex(scores[0], scores[1], _number(fusion.alpha))
    if fusion.method == "average":
        return average(scores)
    return weighted_sum(scores, fusion.weights)


def _complete(row: Scores, fusion: Fusion, *, normalised: bool) -> None:
    """Normalise a list's scores and fill in what it lacks."""
    lacking = np.isnan(row)
    if lacking.all():
        empty = _EMPTY.get(fusion.normalisation, 0)
        row[:] = empty if fusion.missing == "minimum" else 0
        return
    if fusion.normalisation != "none" and not normalised:
        row[~lacking] = NORMALISATIONS[fusion.normalisation](row[~lacking])
    row[lacking] = np.fmin.reduce(row) if fusion.missing == "minimum" else 0


def _rank(row: Scores, k: int, docids_at: DocidsAt) -> None:
    """Put reciprocal ranks in place of a list's scores."""
    places = np.flatnonzero(~np.isnan(row))
    order = best_first(in_single(row[places]), lambda at: docids_at(places[at]))
    row[places[order]] = reciprocal_rank(np.arange(1, len(places) + 1), k)


def _number(alpha: float | None) -> float:
    assert alpha is not None  # Fusion saw to it
    return alpha
