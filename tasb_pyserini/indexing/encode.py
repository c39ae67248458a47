"""Encode a collection into vector shards, from where the last run stopped."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.check import check_collection
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.work import hold
from tasb_pyserini.indexing.shards import (
    Manifest,
    has_shard,
    open_vectors,
    write_shard,
)

SHARD_SIZE = 4_096
"""Passages in a shard: the most work that an interruption loses."""


def encode_collection(
    collection: Path,
    output: Path,
    encoder: Encoder,
    *,
    shard_size: int = SHARD_SIZE,
    progress: bool = True,
) -> Manifest:
    """Encode a collection into a folder of vectors.

    The collection is checked as a whole before anything is written, and read as a
    stream: no more than a shard of it is in memory. Shards that a run which stopped has
    left are kept.

    Parameters
    ----------
    collection
        File or folder; see :func:`~tasb_pyserini.formats.collection.read_collection`.
    output
        A new folder, or one that an earlier run of the same work has begun.
    encoder
        Makes the vectors.
    shard_size
        Passages a shard.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    TasbError
        If the collection is at fault, `output` holds something else, or another
        process is writing into it.
    """
    summary = check_collection(collection)
    manifest = Manifest(
        passages=summary.passages,
        fingerprint=summary.fingerprint,
        shard_size=shard_size,
        passage_max_length=encoder.spec.passage_max_length,
        fp16=encoder.fp16,
    )
    texts = ((p.docid, p.contents) for p in read_collection(collection))
    encode_missing(
        texts,
        output,
        manifest,
        encoder.spec,
        encoder.encode_passages,
        unit=" passages",
        progress=progress,
    )
    return manifest


def encode_missing(
    texts: Iterable[tuple[str, str]],
    output: Path,
    manifest: Manifest,
    spec: EncoderSpec,
    encode: Callable[[list[str]], NDArray[np.float32]],
    *,
    unit: str,
    progress: bool,
) -> None:
    """Encode the texts whose shards a folder does not hold yet.

    Parameters
    ----------
    texts
        Ids with texts, all that `manifest` counts; no more than a shard of them is in
        memory.
    output
        A new folder, or one that an earlier run of the same work has begun.
    manifest, spec
        Of the vectors.
    encode
        Makes vectors of texts.
    unit
        What the progress bar counts.
    progress
        Whether to show one on stderr, with rate and time left.

    Raises
    ------
    TasbError
        If `output` holds something else, or another process is writing into it.
    """
    open_vectors(output, manifest, spec)
    with hold(output):
        there = [n for n in range(manifest.shards) if has_shard(output, n)]
        if len(there) == manifest.shards:
            return
        done = sum(manifest.shard_passages(number) for number in there)
        with tqdm(
            total=manifest.passages, initial=done, unit=unit, disable=not progress
        ) as bar:
            for number, shard in enumerate(_chunks(texts, manifest.shard_size)):
                if not has_shard(output, number):
                    ids, contents = zip(*shard, strict=True)
                    write_shard(output, number, ids, encode(list(contents)))
                    bar.update(len(shard))


def _chunks(
    texts: Iterable[tuple[str, str]], size: int
) -> Iterator[list[tuple[str, str]]]:
    iterator = iter(texts)
    while chunk := list(islice(iterator, size)):
        yield chunk
