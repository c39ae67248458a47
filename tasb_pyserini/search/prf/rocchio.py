"""Rocchio's feedback, ``rocchio`` of Pyserini."""

import numpy as np
from numpy.typing import NDArray

ALPHA, BETA, GAMMA, TOPK, BOTTOMK = 0.9, 0.1, 0.1, 3, 0
"""Pyserini's defaults."""


def rocchio(
    query: NDArray[np.float32],
    passages: NDArray[np.float32],
    *,
    alpha: float = ALPHA,
    beta: float = BETA,
    gamma: float = GAMMA,
    topk: int = TOPK,
    bottomk: int = BOTTOMK,
) -> NDArray[np.float32]:
    """Return alpha · query + beta · mean of the top - gamma · mean of the bottom.

    Li et al., TOIS 2023. With ``bottomk`` 0, the default, there is no third term; with
    more than half of the passages in either, some are in both.

    Parameters
    ----------
    query
        Shape ``(dimension,)``.
    passages
        The best passages' vectors, best first, at least one, shape
        ``(n_passages, dimension)``.
    alpha, beta, gamma
        Weights of the query, of the top and of the bottom passages.
    topk, bottomk
        How many of the passages count as relevant (the first, at least 1) and as not
        relevant (the last); all, where there are fewer.

    Returns
    -------
    ndarray
        The new query vector, fp32, shape ``(dimension,)``, as of Pyserini's
        ``DenseVectorRocchioPrf``.

    Examples
    --------
    >>> passages = np.float32([[2, 0], [4, 2], [0, 6]])
    >>> weights = {"alpha": 1.0, "beta": 2.0, "gamma": 0.5}
    >>> rocchio(np.float32([1, 1]), passages, **weights, topk=2, bottomk=1).tolist()
    [7.0, 0.0]
    """
    moved: NDArray[np.float32] = alpha * query + beta * np.mean(passages[:topk], axis=0)
    if bottomk > 0:
        moved -= gamma * np.mean(passages[-bottomk:], axis=0)
    return moved
