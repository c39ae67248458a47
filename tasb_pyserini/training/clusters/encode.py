"""Topics encoded once, into shards that an interruption leaves in place."""

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from tqdm import tqdm

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.indexing.shards import (
    Manifest,
    has_shard,
    open_vectors,
    read_shards,
    write_shard,
)

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
        fp16=encoder.fp16,
    )
    open_vectors(folder, manifest, encoder.spec)
    try:
        with FileLock(folder / ".lock", timeout=0):
            _encode_missing(topics, folder, encoder, manifest, progress=progress)
    except Timeout as error:
        raise TasbError(f"{folder}: another process is encoding into it") from error
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


def _encode_missing(
    topics: Topics,
    folder: Path,
    encoder: Encoder,
    manifest: Manifest,
    *,
    progress: bool,
) -> None:
    shards = list(_chunks(topics, manifest.shard_size))
    missing = [n for n in range(len(shards)) if not has_shard(folder, n)]
    if not missing:
        return
    done = len(topics) - sum(len(shards[number]) for number in missing)
    with tqdm(
        total=len(topics), initial=done, unit=" queries", disable=not progress
    ) as bar:
        for number in missing:
            vectors = encoder.encode_queries(list(shards[number].values()))
            write_shard(folder, number, list(shards[number]), vectors)
            bar.update(len(shards[number]))


def _chunks(topics: Topics, size: int) -> Iterator[Topics]:
    items = iter(topics.items())
    while chunk := dict(islice(items, size)):
        yield chunk
