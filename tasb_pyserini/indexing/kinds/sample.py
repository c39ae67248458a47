"""Vectors to train an index on, drawn over all shards."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.indexing.shards import read_manifest, read_shards


def sample(folder: Path, most: int, seed: int = 0) -> NDArray[np.float32]:
    """Draw vectors without replacement, in the collection's order.

    Parameters
    ----------
    folder
        Vectors, complete.
    most
        How many; all, where there are fewer.
    seed
        The same one draws the same vectors, however they are divided into shards.

    Returns
    -------
    numpy.ndarray
        fp32, shape ``(n, dimension)``.
    """
    passages = read_manifest(folder).passages
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.choice(passages, size=min(most, passages), replace=False))
    parts, start = [], 0
    for docids, vectors in read_shards(folder):
        low, high = np.searchsorted(drawn, [start, start + len(docids)])
        parts.append(np.asarray(vectors[drawn[low:high] - start], np.float32))
        start += len(docids)
    return np.concatenate(parts)
