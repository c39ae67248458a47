"""Topics encoded once, into shards that an interruption leaves in place."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.indexing.encode import encode_missing
from tasb_pyserini.indexing.shards import Manifest, read_shards

SHARD_SIZE = 4_096
"""Queries in a shard: the most work that an interruption loses."""


def encode_topics(
    topics: Topics,
    folder: Path,
    encoder: Encoder,
    *,
    shard_size: int = SHARD_SIZE,
    progress: bool = True,
) -> NDArray[np.float32]:
    """Return the vectors of all queries; encode those that `folder` does not hold yet.

    The folder has the form of :mod:`tasb_pyserini.indexing.shards`, with queries in
    the place of passages.

    Parameters
    ----------
    topics
        What to encode.
    folder
        A new folder, or one that an earlier call for the same work has begun or ended.
    encoder
        Makes the vectors.
    shard_size
        Queries a shard.
    progress
        Whether to show progress, rate and time left on stderr.

    Returns
    -------
    NDArray[np.float32]
        Shape ``(n_queries, dim)``, in the order of the topics.

    Raises
    ------
    TasbError
        If `folder` holds something else or is damaged, or another process is writing
        into it.
    """
    manifest = Manifest(
        passages=len(topics),
        fingerprint=fingerprint(topics),
        shard_size=shard_size,
        passage_max_length=encoder.spec.passage_max_length,
        backend=encoder.backend,
        arithmetic=encoder.arithmetic,
    )
    encode_missing(
        topics.items,
        folder,
        manifest,
        encoder.spec,
        list,
        encoder.encode_queries,
        unit=" queries",
        progress=progress,
    )
    vectors = np.empty((len(topics), encoder.spec.dimension), dtype=np.float32)
    start = 0
    for qids, shard in read_shards(folder):
        vectors[start : start + len(qids)] = shard
        start += len(qids)
    return vectors


def fingerprint(topics: Topics) -> str:
    """Return the SHA-256 of all qids and queries in order, hexadecimal."""
    digest = hashlib.sha256()
    for qid, query in topics.items():
        digest.update(f"{qid}\t{len(query)}\t{query}\n".encode())
    return digest.hexdigest()
