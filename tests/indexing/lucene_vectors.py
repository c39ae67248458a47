"""Vectors of many lengths, in folders as ``tasb encode`` leaves them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.indexing.shards import Manifest, open_vectors, write_shard

Matrix = NDArray[np.float32]


def write_named_vectors(
    folder: Path, docids: Sequence[str], vectors: Matrix, shard_size: int = 1000
) -> Path:
    """Write vectors in shards; return the folder."""
    passages, dimension = vectors.shape
    manifest = Manifest(
        passages=passages,
        fingerprint="f",
        shard_size=shard_size,
        passage_max_length=200,
        backend="torch",
    )
    open_vectors(folder, manifest, EncoderSpec(checkpoint="x", dimension=dimension))
    for number, start in enumerate(range(0, passages, shard_size)):
        rows = slice(start, start + shard_size)
        write_shard(folder, number, docids[rows], vectors[rows])
    return folder


def vectors_of_many_lengths(seed: int, number: int, dimension: int) -> Matrix:
    """Return random vectors in clusters, whose norms vary by a factor of three."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(20, dimension))
    vectors = centres[rng.integers(20, size=number)]
    vectors = vectors + 0.7 * rng.normal(size=(number, dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors * rng.uniform(5, 15, size=(number, 1))).astype(np.float32)
