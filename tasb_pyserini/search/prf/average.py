"""Average feedback, ``avg`` of Pyserini."""

import numpy as np
from numpy.typing import NDArray


def average(
    query: NDArray[np.float32], passages: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the mean of the query's vector and its passages' (Li et al., TOIS 2023).

    Parameters
    ----------
    query
        Shape ``(dimension,)``.
    passages
        The best passages' vectors, best first, shape ``(n_passages, dimension)``.

    Returns
    -------
    ndarray
        The new query vector, fp32, shape ``(dimension,)``, as of Pyserini's
        ``DenseVectorAveragePrf``.

    Examples
    --------
    >>> average(np.float32([1, 4]), np.float32([[3, 1], [5, 1]])).tolist()
    [3.0, 2.0]
    """
    mean: NDArray[np.float32] = np.mean(np.vstack((query, passages)), axis=0)
    return mean
