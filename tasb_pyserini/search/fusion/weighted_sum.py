"""Sums (CombSUM; Fox and Shaw, TREC-2)."""

from collections.abc import Sequence

import numpy as np

from tasb_pyserini.search.fusion.normalisation import Scores


def weighted_sum(scores: Scores, weights: Sequence[float] | None) -> Scores:
    """Return the sum over lists, each times its weight.

    Parameters
    ----------
    scores
        A row a list, a column a document, shape ``(n_lists, n)``.
    weights
        One a list; all 1 where None.
    """
    weighted = scores if weights is None else scores * np.array(weights)[:, None]
    total: Scores = np.add.reduce(weighted)
    return total
