"""Encode shards here: one is read while another is computed and a third written."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.indexing.engines.reader import ShardReader
from tasb_pyserini.indexing.shards import write_shard

Prepared = TypeVar("Prepared")


def encode_shards(
    numbers: Sequence[int],
    reader: ShardReader,
    output: Path,
    prepare: Callable[[list[str]], Prepared],
    encode: Callable[[Prepared], NDArray[np.float32]],
) -> Iterator[int]:
    """Encode shards; yield the number of each once it is on disk, in order.

    No more than three shards are in memory. An error of reading, preparing, encoding
    or writing is raised as it is, before another shard is begun; a shard that was
    encoded is still written.

    Parameters
    ----------
    numbers
        Of the shards, ascending.
    reader
        Of their texts.
    output
        The folder of the vectors.
    prepare
        Makes of a shard's texts what `encode` takes, such as token ids, in the thread
        that reads.
    encode
        Makes the vectors.
    """

    def read() -> Iterator[tuple[int, list[str], Prepared]]:
        for number in numbers:
            docids, contents = reader.read(number)
            yield number, docids, prepare(contents)

    def write(number: int, docids: list[str], vectors: NDArray[np.float32]) -> int:
        write_shard(output, number, docids, vectors, reader.manifest.dtype)
        return number

    shards = read()
    with ThreadPoolExecutor(1) as reading, ThreadPoolExecutor(1) as writing:
        coming = reading.submit(next, shards, None)
        written: Future[int] | None = None
        while (shard := coming.result()) is not None:
            coming = reading.submit(next, shards, None)
            number, docids, prepared = shard
            vectors = encode(prepared)
            if written is not None:
                yield written.result()
            written = writing.submit(write, number, docids, vectors)
        if written is not None:
            yield written.result()


def encode_passages(
    numbers: Sequence[int], reader: ShardReader, output: Path, encoder: Encoder
) -> Iterator[int]:
    """Encode shards of passages; see `encode_shards`."""
    return encode_shards(
        numbers, reader, output, encoder.tokenize_passages, encoder.encode_ids
    )
