"""Encode a collection into vector shards, from where the last run stopped."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Never

from filelock import FileLock, Timeout
from tqdm import tqdm

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.check import check_collection
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Passage
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
    open_vectors(output, manifest, encoder.spec)
    try:
        with (
            FileLock(output / ".lock", timeout=0),
            tqdm(total=summary.passages, unit=" passages", disable=not progress) as bar,
        ):
            _encode_missing(read_collection(collection), output, encoder, manifest, bar)
    except Timeout as error:
        raise TasbError(f"{output}: another process is encoding into it") from error
    return manifest


def _encode_missing(
    passages: Iterable[Passage],
    output: Path,
    encoder: Encoder,
    manifest: Manifest,
    bar: "tqdm[Never]",
) -> None:
    for number, shard in enumerate(_chunks(passages, manifest.shard_size)):
        if has_shard(output, number):
            if not bar.disable:  # a disabled bar has no start to move
                bar.initial += len(shard)
        else:
            vectors = encoder.encode_passages([passage.contents for passage in shard])
            write_shard(output, number, [passage.docid for passage in shard], vectors)
        bar.update(len(shard))


def _chunks(passages: Iterable[Passage], size: int) -> Iterator[list[Passage]]:
    iterator = iter(passages)
    while chunk := list(islice(iterator, size)):
        yield chunk
