"""Folders of vectors, as 'tasb encode' writes them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.indexing.shards import Manifest, open_vectors, write_shard

Matrix = NDArray[np.float32]


def write_vectors(
    folder: Path, vectors: Matrix, *, shard_size: int = 1_000_000, first: int = 0
) -> Path:
    """Write vectors of passages ``d<first>``, ``d<first + 1>`` and so on."""
    manifest = Manifest(
        passages=len(vectors),
        fingerprint="f",
        shard_size=shard_size,
        passage_max_length=200,
        backend="torch",
    )
    spec = EncoderSpec(checkpoint="x", dimension=vectors.shape[1])
    open_vectors(folder, manifest, spec)
    for number in range(manifest.shards):
        part = vectors[number * shard_size : (number + 1) * shard_size]
        start = first + number * shard_size
        write_shard(folder, number, [f"d{start + n}" for n in range(len(part))], part)
    return folder


def uneven_vectors(passages: int, dimension: int, seed: int = 1) -> Matrix:
    """Draw vectors around 20 centres, of lengths from about a half to two."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(20, dimension))
    vectors = centres[rng.integers(20, size=passages)]
    vectors = vectors + 0.7 * rng.normal(size=vectors.shape)
    lengths = np.exp(rng.normal(scale=0.3, size=(passages, 1)))
    return (vectors * lengths).astype(np.float32)
