"""Reading, encoding and writing overlap; nothing is lost, reordered or half there."""

import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.engines.local import encode_shards
from tasb_pyserini.indexing.engines.reader import ShardReader
from tasb_pyserini.indexing.shards import (
    Manifest,
    missing_shards,
    open_vectors,
    read_shards,
)

SPEC = EncoderSpec(checkpoint="x", dimension=2)


def begin(folder: Path, passages: int, shard_size: int) -> ShardReader:
    manifest = Manifest(
        passages=passages,
        fingerprint="f",
        shard_size=shard_size,
        passage_max_length=200,
        backend="torch",
    )
    open_vectors(folder, manifest, SPEC)
    return ShardReader(lambda: ((f"d{n}", f"{n}") for n in range(passages)), manifest)


def to_vectors(texts: list[int]) -> NDArray[np.float32]:
    return np.array([[number, -number] for number in texts], np.float32)


def to_numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts]


@settings(max_examples=50)
@given(data=st.data(), passages=st.integers(1, 50), shard_size=st.integers(1, 20))
def test_overlap_loses_and_reorders_nothing(
    data: st.DataObject, passages: int, shard_size: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "E"
        reader = begin(folder, passages, shard_size)
        shards = range(reader.manifest.shards)
        first = sorted(data.draw(st.sets(st.sampled_from(shards))))
        done = list(encode_shards(first, reader, folder, to_numbers, to_vectors))
        assert done == first
        rest = missing_shards(folder, reader.manifest)
        assert rest == sorted(set(shards) - set(first))
        list(encode_shards(rest, reader, folder, to_numbers, to_vectors))
        docids, vectors = zip(*read_shards(folder), strict=True)
        together = [docid for ids in docids for docid in ids]
        assert together == [f"d{n}" for n in range(passages)]
        np.testing.assert_array_equal(
            np.concatenate(vectors), to_vectors(list(range(passages)))
        )


def test_the_next_shard_is_prepared_while_one_is_encoded_and_no_more(
    tmp_path: Path,
) -> None:
    reader = begin(tmp_path / "E", 60, 10)
    prepared = [threading.Event() for _ in range(6)]
    ahead = []

    def prepare(texts: list[str]) -> list[int]:
        prepared[int(texts[0]) // 10].set()
        return to_numbers(texts)

    def encode(numbers: list[int]) -> NDArray[np.float32]:
        following = numbers[0] // 10 + 1
        if following < 6:
            # Never set, were the next shard read only after this one.
            assert prepared[following].wait(60)
        ahead.append(sum(event.is_set() for event in prepared) - following)
        return to_vectors(numbers)

    list(encode_shards(range(6), reader, tmp_path / "E", prepare, encode))
    assert ahead == [1, 1, 1, 1, 1, 0]


class OwnError(Exception):
    """Nobody else raises it."""


@pytest.mark.parametrize("where", ["read", "prepare", "encode", "consumer"])
def test_an_error_surfaces_as_it_is_and_leaves_whole_shards(
    where: str, tmp_path: Path
) -> None:
    folder = tmp_path / "E"
    manifest = begin(folder, 60, 10).manifest

    def fail(here: str, number: int) -> None:
        if here == where and number == 35:
            raise OwnError(where)

    def texts() -> Iterator[tuple[str, str]]:
        for number in range(60):
            fail("read", number)
            yield f"d{number}", f"{number}"

    def prepare(contents: list[str]) -> list[int]:
        numbers = to_numbers(contents)
        for number in numbers:
            fail("prepare", number)
        return numbers

    def encode(numbers: list[int]) -> NDArray[np.float32]:
        for number in numbers:
            fail("encode", number)
        return to_vectors(numbers)

    def run() -> None:
        reader = ShardReader(texts, manifest)
        for shard in encode_shards(range(6), reader, folder, prepare, encode):
            fail("consumer", shard * 10 + 5)

    with pytest.raises(OwnError, match=where):
        run()
    kept = 6 - len(missing_shards(folder, manifest))
    # When the consumer of shard 3 fails, shard 4 is encoded and not yet handed on.
    assert kept == (4 if where == "consumer" else 3)
    names = {path.name for path in folder.iterdir()}
    whole = {f"{n:05}.{end}" for n in range(kept) for end in ("docid", "npy")}
    assert names == whole | {"manifest.json", "encoder.json"}
    for number in range(kept):
        vectors = np.load(folder / f"{number:05}.npy")
        np.testing.assert_array_equal(
            vectors, to_vectors(list(range(number * 10, number * 10 + 10)))
        )


def test_an_error_of_writing_stops_the_next_shards(tmp_path: Path) -> None:
    folder = tmp_path / "E"
    reader = begin(folder, 60, 10)
    (folder / "00002.npy").mkdir()
    encoded = []

    def encode(numbers: list[int]) -> NDArray[np.float32]:
        encoded.append(numbers[0])
        return to_vectors(numbers)

    with pytest.raises(TasbError, match=r"00002\.npy: is a folder"):
        list(encode_shards(range(6), reader, folder, to_numbers, encode))
    assert encoded == [0, 10, 20, 30]
    assert missing_shards(folder, reader.manifest) == [2, 3, 4, 5]
