"""Pyserini's encoded queries load, and nothing else that a pickle can hold."""

import gzip
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.encoded_queries import read_encoded_queries
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.topics import read_topics
from tests.conftest import Collections
from tests.encoders.hostile_pickles import addresses_as_objects, deeply_nested_labels
from tests.encoders.pandas_pickles import pickled_as_pandas_1_2
from tests.prebuilt.archives.hostile import pax_chain


def test_the_real_dl19_vectors_of_tas_b_load(collections: Collections) -> None:
    [archive] = collections("tasb-encoded-queries").glob("*.tar.gz")
    encoded = read_encoded_queries(archive)
    topics = read_topics(
        collections("msmarco-topics-qrels") / "topics.dl19-passage.txt"
    )
    assert dict(zip(encoded.qids, encoded.queries, strict=True)) == topics
    assert encoded.vectors.shape == (43, 768)
    assert encoded.vectors.dtype == np.float32
    # TAS-B is not normalised: its vectors are about 11 long.
    lengths = np.linalg.norm(encoded.vectors, axis=1)
    assert 10 < lengths.min() < lengths.max() < 12


def test_an_unpacked_folder_and_its_file_read_as_the_archive(
    collections: Collections, tmp_path: Path
) -> None:
    [archive] = collections("tasb-encoded-queries").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    [folder] = tmp_path.iterdir()
    expected = read_encoded_queries(archive)
    for path in (folder, folder / "embedding.pkl"):
        np.testing.assert_array_equal(
            read_encoded_queries(path).vectors, expected.vectors
        )


def test_code_in_a_pickle_never_runs(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    path = tmp_path / "embedding.pkl"
    path.write_bytes(pickle.dumps(_Touch(trap)))
    with pytest.raises(InputError, match=r"embedding\.pkl: .*asks for pathlib\."):
        read_encoded_queries(path)
    assert not trap.exists()


@pytest.mark.parametrize(
    "name", ["eval", "exec", "getattr", "__import__", "open", "globals"]
)
def test_builtins_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "embedding.pkl"
    path.write_bytes(f"cbuiltins\n{name}\n.".encode())
    with pytest.raises(InputError, match=rf"asks for builtins\.{name}"):
        read_encoded_queries(path)


@given(garbage=st.binary(max_size=200))
def test_garbage_ends_in_one_error(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "embedding.pkl"
    path.write_bytes(garbage)
    with pytest.raises(InputError, match="not a table of encoded queries"):
        read_encoded_queries(path)


@pytest.mark.parametrize("flags", [0, 63])
def test_bytes_are_not_taken_for_addresses_of_objects(
    tmp_path: Path, flags: int
) -> None:
    """Numpy's own ``__setstate__`` would read from address 0x4141414141414141."""
    path = tmp_path / "embedding.pkl"
    path.write_bytes(addresses_as_objects(b"A" * 8, flags))
    with pytest.raises(InputError, match="an array of objects without its objects"):
        read_encoded_queries(path)


def test_deep_nesting_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "embedding.pkl"
    path.write_bytes(deeply_nested_labels(20_000))
    with pytest.raises(InputError, match="not a table of encoded queries"):
        read_encoded_queries(path)
    path = tmp_path / "queries.tar.gz"
    path.write_bytes(gzip.compress(pax_chain(1_500)))
    with pytest.raises(InputError, match=r"no archive, or damaged \(maximum recursion"):
        read_encoded_queries(path)


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "queries.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(InputError, match=r"queries\.tar\.gz: no archive"):
        read_encoded_queries(tmp_path / "queries.tar.gz")
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("readme"), io.BytesIO())
    with pytest.raises(InputError, match=r"no embedding\.pkl inside"):
        read_encoded_queries(tmp_path / "other.tar.gz")
    with pytest.raises(TasbError, match=r"^\S*absent\.tar\.gz: no such file; expected"):
        read_encoded_queries(tmp_path / "absent.tar.gz")


def test_a_flipped_bit_anywhere_in_the_archive_is_an_error(tmp_path: Path) -> None:
    """Gzip's checksum stands behind the table, at the very end of the stream."""
    whole = _packed(_table_of_random_vectors())
    path = tmp_path / "queries.tar.gz"
    path.write_bytes(whole)
    assert read_encoded_queries(path).vectors.shape == (8, 64)
    header, end = 10, len(whole) - 9  # spare bits of the last byte, then the checksum
    for place in range(header, end, end // 150):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(
            InputError, match=r"queries\.tar\.gz: no archive, or damaged"
        ):
            read_encoded_queries(path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_an_archive_cut_short_is_an_error(tmp_path: Path, kept: float) -> None:
    whole = _packed(_table_of_random_vectors())
    path = tmp_path / "queries.tar.gz"
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(InputError, match=r"damaged .*; fetch it again"):
        read_encoded_queries(path)


def _table_of_random_vectors() -> bytes:
    """Pickle a table of 8 queries as pandas 1.2 does."""
    vectors = np.random.default_rng(5).normal(size=(8, 64))
    columns: dict[str, list[object]] = {
        "id": list(range(8)),
        "text": [f"query {row}" for row in range(8)],
        "embedding": [row.tolist() for row in vectors],
    }
    with pytest.MonkeyPatch.context() as patch:
        return pickled_as_pandas_1_2(columns, patch)


def _packed(table: bytes) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        member = tarfile.TarInfo("queries/embedding.pkl")
        member.size = len(table)
        archive.addfile(member, io.BytesIO(table))
    return content.getvalue()


class _Touch:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)
