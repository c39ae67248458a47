"""Faiss indexes of given vectors."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.indexing.shards import Manifest, open_vectors, write_shard
from tasb_pyserini.search.faiss_index import FaissIndex

Matrix = NDArray[np.float32]


def make_index(folder: Path, vectors: Matrix) -> FaissIndex:
    dimension = vectors.shape[1]
    manifest = Manifest(
        passages=len(vectors),
        fingerprint="f",
        shard_size=1_000_000,
        passage_max_length=200,
        backend="torch",
    )
    spec = EncoderSpec(checkpoint="x", dimension=dimension)
    open_vectors(folder / "E", manifest, spec)
    write_shard(folder / "E", 0, [f"d{n}" for n in range(len(vectors))], vectors)
    build_index(folder / "E", folder / "I")
    return FaissIndex(folder / "I")
