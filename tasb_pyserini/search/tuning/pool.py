"""The documents that two lists bring for a query, ready to be fused at any weight."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.best_first import Places, in_single
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.fusion.combine import combine
from tasb_pyserini.search.fusion.convex import convex
from tasb_pyserini.search.fusion.interpolation import interpolation
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.tuning.objective import Objective

Hits = Mapping[str, float]
_METHODS = {"interpolation": interpolation, "convex": convex}


@dataclass(frozen=True, slots=True)
class Pool:
    """One query's documents; those that are relevant and in neither list are not here.

    Parameters
    ----------
    scores
        Sparse, dense: normalised, with what a list lacks filled in; shape ``(2, n)``.
    relevant
        Columns of the relevant documents, shape ``(r,)``.
    worths
        What each of them can add to the measure, shape ``(r, 1)``.
    wins
        Whether a document stands above a relevant one where they tie, shape ``(r, n)``.
    alone
        The measure of the sparse list and of the dense list by itself.
    """

    scores: NDArray[np.float64]
    relevant: Places
    worths: NDArray[np.float64]
    wins: NDArray[np.bool_]
    alone: tuple[float, float]

    def value(self, fusion: Fusion, objective: Objective) -> float:
        """Return the measure of the fused list, in single precision as trec_eval."""
        assert fusion.alpha is not None  # Fusion saw to it
        sparse, dense = self.scores
        fused = _METHODS[fusion.method](sparse, dense, fusion.alpha)
        return _value(self, fused, objective)


def make_pool(
    sparse: Hits,
    dense: Hits,
    grades: Mapping[str, int],
    fusion: Fusion,
    objective: Objective,
) -> Pool:
    """Return the pool of one query.

    Parameters
    ----------
    sparse, dense
        docid → score; may be empty.
    grades
        The query's judgments.
    fusion
        An interpolation or a convex combination; its alpha does not matter.
    objective
        What is tuned for.

    Raises
    ------
    TasbError
        If a score is not finite.
    """
    union = list({**sparse, **dense})
    scores = np.array(
        [[hits.get(docid, np.nan) for docid in union] for hits in (sparse, dense)]
    )
    if np.count_nonzero(np.isfinite(scores)) != len(sparse) + len(dense):
        raise TasbError("a score is not finite; look for NaN in the vectors")
    worths = objective.worths(grades)
    found = [(n, worths[d], d) for n, d in enumerate(union) if d in worths]
    docids = np.array(union, dtype=object)
    pool = Pool(
        scores=scores,
        relevant=np.array([column for column, _, _ in found], np.intp),
        worths=np.array([[worth] for _, worth, _ in found]).reshape(-1, 1),
        wins=np.array([docids > d for _, _, d in found], bool).reshape(
            len(found), len(union)
        ),
        alone=(0.0, 0.0),
    )
    alone = tuple(_value(pool, row, objective) for row in scores)
    # Leaves the completed lists in `scores`, which is all that is wanted of it.
    combine(scores, fusion, lambda at: docids[at].tolist())
    return replace(pool, alone=(alone[0], alone[1]))


def _value(pool: Pool, scores: NDArray[np.float64], objective: Objective) -> float:
    """Return the measure of a list by its scores, NaN for what it lacks."""
    if not len(pool.relevant):
        return 0.0
    single = in_single(scores)
    own = single[pool.relevant][:, None]
    above = (single > own) | (single == own) & pool.wins
    ranks = 1 + above.sum(axis=1, keepdims=True)
    among = 1 + above[:, pool.relevant].sum(axis=1, keepdims=True)
    terms = objective.terms(ranks, among, pool.worths)
    return float(terms[~np.isnan(own)].sum())
