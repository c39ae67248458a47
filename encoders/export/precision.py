"""In what an exported model's weights are stored."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

WeightPrecision = Literal["fp32", "fp16", "int8"]

MOST_ROUNDED = 0.02
"""Share of a matrix that rounding may change; normal weights lose .008."""


def round_to_int8(
    weight: NDArray[np.float32],
) -> tuple[NDArray[np.int8], NDArray[np.float32]] | None:
    """Round to one scale a column, symmetric, the largest weight 127.

    Parameters
    ----------
    weight
        Of a matrix product, shape ``(n_in, n_out)``.

    Returns
    -------
    tuple or None
        Weights, and scales of shape ``(n_out,)``; None where a few large weights would
        round the others away, so that the matrix changes by more than `MOST_ROUNDED`
        (Frobenius norms).

    Examples
    --------
    >>> stored, scale = round_to_int8(np.array([[1.0], [-0.5]], np.float32))
    >>> stored.tolist(), scale.tolist()
    ([[127], [-64]], [0.007874015718698502])
    >>> round_to_int8(np.eye(500, dtype=np.float32) + np.float32(0.003)) is None
    True
    """
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-12) / np.float32(127)
    rounded = np.rint(weight / scale)
    changed = np.linalg.norm(rounded * scale - weight)
    if changed > MOST_ROUNDED * np.linalg.norm(weight):
        return None
    return rounded.astype(np.int8), scale.astype(np.float32)
