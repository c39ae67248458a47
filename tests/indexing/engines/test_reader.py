"""Shards come by number, in any order, from texts that can only be streamed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.engines.reader import ShardReader, Texts
from tasb_pyserini.indexing.shards import Manifest


def manifest_of(passages: int, shard_size: int) -> Manifest:
    return Manifest(
        passages=passages,
        fingerprint="f",
        shard_size=shard_size,
        passage_max_length=200,
        backend="torch",
    )


@given(data=st.data(), passages=st.integers(1, 60), shard_size=st.integers(1, 20))
def test_a_shard_is_its_slice_whatever_was_read_before(
    data: st.DataObject, passages: int, shard_size: int
) -> None:
    texts = [(f"d{n}", f"text {n}") for n in range(passages)]
    manifest = manifest_of(passages, shard_size)
    reader = ShardReader(lambda: iter(texts), manifest)
    for number in data.draw(st.lists(st.integers(0, manifest.shards - 1))):
        docids, contents = reader.read(number)
        start = number * shard_size
        expected = texts[start : start + shard_size]
        assert list(zip(docids, contents, strict=True)) == expected


def test_ascending_shards_are_one_pass_that_skips() -> None:
    passes = 0

    def texts() -> Texts:
        nonlocal passes
        passes += 1
        return ((f"d{n}", "text") for n in range(30))

    reader = ShardReader(texts, manifest_of(30, 5))
    assert [reader.read(n)[0][0] for n in (1, 2, 5)] == ["d5", "d10", "d25"]
    assert passes == 1
    assert reader.read(0)[0][0] == "d0"
    assert passes == 2


@pytest.mark.parametrize(("there", "number", "got"), [(7, 1, 2), (3, 1, 0)])
def test_a_collection_that_became_shorter_is_noticed(
    there: int, number: int, got: int
) -> None:
    reader = ShardReader(
        lambda: [(f"d{n}", "text") for n in range(there)], manifest_of(12, 5)
    )
    with pytest.raises(TasbError, match=f"shard 2 of 3: {got} passages where 5 were"):
        reader.read(number)
