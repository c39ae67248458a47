"""Reciprocal rank fusion."""

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.search.fusion.normalisation import Scores


def reciprocal_rank(ranks: NDArray[np.int64], k: int) -> Scores:
    """Return ``1 / (k + rank)``, to be summed (Cormack et al., SIGIR 2009; k is 60).

    Parameters
    ----------
    ranks
        Places in one list, from 1.
    """
    return 1 / (k + ranks)
