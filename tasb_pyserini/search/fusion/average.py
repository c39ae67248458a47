"""Averages."""

import numpy as np

from tasb_pyserini.search.fusion.normalisation import Scores


def average(scores: Scores) -> Scores:
    """Return the mean over lists, as ``average`` of ``pyserini/fusion/_base.py``.

    Parameters
    ----------
    scores
        A row a list, a column a document, shape ``(n_lists, n)``.
    """
    mean: Scores = np.add.reduce(scores * (1 / len(scores)))
    return mean
