"""Encode a collection into vector shards, from where the last run stopped."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.check import check_collection
from tasb_pyserini.formats.work import hold
from tasb_pyserini.indexing.engines.local import encode_passages, encode_shards
from tasb_pyserini.indexing.engines.reader import ShardReader, Texts
from tasb_pyserini.indexing.engines.worker import EncoderIdentity, Work
from tasb_pyserini.indexing.shards import (
    DType,
    Manifest,
    check_folder,
    missing_shards,
    open_vectors,
)

SHARD_SIZE = 4_096
"""Passages in a shard: the most work that an interruption loses."""

Engine = Callable[[Work, Sequence[int]], Iterator[int]]
"""Encodes the shards of some numbers; yields each number once the shard is on disk."""

Prepared = TypeVar("Prepared")


def encode_collection(
    collection: Path,
    output: Path,
    encoder: Encoder | EncoderIdentity,
    *,
    shard_size: int = SHARD_SIZE,
    dtype: DType = "fp32",
    engine: Engine | None = None,
    progress: bool = True,
) -> Manifest:
    """Encode a collection into a folder of vectors.

    The collection is checked as a whole before anything is written, and read as a
    stream: no more than three shards of it are in memory. Shards that a run which
    stopped has left are kept, whichever engine made them.

    Parameters
    ----------
    collection
        File or folder; see :func:`~tasb_pyserini.formats.collection.read_collection`.
    output
        A new folder, or one that an earlier run of the same work has begun.
    encoder
        Makes the vectors; with another `engine`, its identity alone will do.
    shard_size
        Passages a shard.
    dtype
        Of the vectors on disk: ``fp32``, or ``fp16``, half as large.
    engine
        Such as :func:`~tasb_pyserini.indexing.engines.processes.encode_in_processes`
        with its source; None: this process.
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
        backend=encoder.backend,
        arithmetic=encoder.arithmetic,
        dtype=dtype,
    )
    work = Work(collection, output, manifest)

    def encode(numbers: list[int]) -> Iterator[int]:
        if engine is not None:
            return engine(work, numbers)
        if not isinstance(encoder, Encoder):
            raise TypeError("an encoder's identity encodes nothing: expected an engine")
        reader = ShardReader(work.texts, manifest)
        return encode_passages(numbers, reader, output, encoder)

    _fill(output, manifest, encoder.spec, encode, " passages", progress)
    return manifest


def encode_missing(
    texts: Callable[[], Texts],
    output: Path,
    manifest: Manifest,
    spec: EncoderSpec,
    prepare: Callable[[list[str]], Prepared],
    encode: Callable[[Prepared], NDArray[np.float32]],
    *,
    unit: str,
    progress: bool,
) -> None:
    """Encode the texts whose shards a folder does not hold yet.

    Parameters
    ----------
    texts
        Starts a pass over ids with texts, all that `manifest` counts; no more than
        three shards of them are in memory.
    output
        A new folder, or one that an earlier run of the same work has begun.
    manifest, spec
        Of the vectors.
    prepare, encode
        As of :func:`~tasb_pyserini.indexing.engines.local.encode_shards`.
    unit
        What the progress bar counts.
    progress
        Whether to show one on stderr, with rate and time left.

    Raises
    ------
    TasbError
        If `output` holds something else, or another process is writing into it.
    """
    reader = ShardReader(texts, manifest)

    def encode_here(numbers: list[int]) -> Iterator[int]:
        return encode_shards(numbers, reader, output, prepare, encode)

    _fill(output, manifest, spec, encode_here, unit, progress)


def _fill(
    output: Path,
    manifest: Manifest,
    spec: EncoderSpec,
    encode: Callable[[list[int]], Iterator[int]],
    unit: str,
    progress: bool,
) -> None:
    check_folder(output, manifest, spec)  # a lock file is not for a foreign folder
    with hold(output):
        open_vectors(output, manifest, spec)
        missing = missing_shards(output, manifest)
        if not missing:
            return
        left = sum(manifest.shard_passages(number) for number in missing)
        with tqdm(
            total=manifest.passages,
            initial=manifest.passages - left,
            unit=unit,
            disable=not progress,
        ) as bar:
            for number in encode(missing):
                bar.update(manifest.shard_passages(number))
