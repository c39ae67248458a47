"""Pyserini's encoded queries load, and nothing else that a pickle can hold."""

import copyreg
import gzip
import io
import pickle
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.encoded_queries import read_encoded_queries
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.topics import read_topics
from tests.conftest import Collections
from tests.encoders.hostile_pickles import addresses_as_objects, deeply_nested_labels
from tests.prebuilt.archives.hostile import pax_chain

VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)
TABLE = pd.DataFrame(
    {"id": ["7", "9", "11"], "text": ["a ", " 京 🌲", ""], "embedding": [*VECTORS]}
)
"""What ``python -m pyserini.encode.query`` makes of three queries."""


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


def test_tables_of_pandas_up_to_1_2_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pyserini's dev vectors are of May 2021, from before pandas 1.3."""
    old = _pickled_as_pandas_1_2(
        {"id": [7, 9], "text": ["a ", " b"], "embedding": [[1.0, 2.0], [3.0, 4.0]]},
        monkeypatch,
    )
    (tmp_path / "embedding.pkl").write_bytes(old)
    encoded = read_encoded_queries(tmp_path)
    assert (encoded.qids, encoded.queries) == (["7", "9"], ["a", "b"])
    np.testing.assert_array_equal(encoded.vectors, [[1, 2], [3, 4]])


STRINGS = [
    pd.StringDtype("pyarrow", na_value=np.nan),
    pd.StringDtype("pyarrow", na_value=pd.NA),
    pd.StringDtype("python", na_value=np.nan),
    pd.StringDtype("python", na_value=pd.NA),
    np.dtype(object),
]


@pytest.mark.parametrize("kind", STRINGS, ids=repr)
@pytest.mark.parametrize("protocol", [3, 5])
def test_tables_of_the_installed_pandas_load(
    tmp_path: Path, kind: Any, protocol: int
) -> None:
    path = tmp_path / "queries.of.mine.pkl"
    table = TABLE.astype({"id": kind, "text": kind})
    table.to_pickle(path, protocol=protocol)
    _assert_is_the_table(path)
    table.columns = pd.Index([*table], dtype=kind)
    table.index = pd.Index([5, 3, 4])
    table.to_pickle(path, protocol=protocol)
    _assert_is_the_table(path)


def test_ids_may_be_numbers_and_vectors_lists(tmp_path: Path) -> None:
    table = TABLE.assign(id=[7, 9, 11], embedding=VECTORS.astype(float).tolist())
    table[table.columns[::-1]].to_pickle(tmp_path / "q.pkl")
    _assert_is_the_table(tmp_path / "q.pkl")


def test_tables_of_pandas_2_load(tmp_path: Path) -> None:
    """Other names, and Arrow's texts in chunks; pandas 2 is not installed."""
    content = io.BytesIO()
    _PicklerOfPandas2(content, protocol=3).dump(TABLE)
    table = content.getvalue()
    for ours, old in NAMES_OF_PANDAS_2.items():
        assert ours in table
        table = table.replace(ours, old)
    (tmp_path / "q.pkl").write_bytes(table)
    _assert_is_the_table(tmp_path / "q.pkl")


@pytest.mark.parametrize("kind", STRINGS, ids=repr)
def test_a_query_without_text_is_an_error(tmp_path: Path, kind: Any) -> None:
    texts = pd.Series(["a", None, "b"], dtype=kind)
    TABLE.assign(text=texts).to_pickle(tmp_path / "q.pkl")
    with pytest.raises(InputError, match=r"an id or text of type (NoneType|float)"):
        read_encoded_queries(tmp_path / "q.pkl")


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (TABLE.drop(columns="text"), "no column 'text'"),
        (TABLE.assign(embedding=1.5), "not one id, text and vector a row"),
        (TABLE["text"], "asks for pandas.Series"),
    ],
)
def test_another_table_is_an_error(tmp_path: Path, table: Any, problem: str) -> None:
    table.to_pickle(tmp_path / "q.pkl")
    with pytest.raises(InputError, match=rf"\({problem}\); expected Pyserini's format"):
        read_encoded_queries(tmp_path / "q.pkl")


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


def _assert_is_the_table(path: Path) -> None:
    encoded = read_encoded_queries(path)
    assert (encoded.qids, encoded.queries) == (["7", "9", "11"], ["a", "京 🌲", ""])
    assert encoded.vectors.dtype == np.float32
    np.testing.assert_array_equal(encoded.vectors, VECTORS)


class _PicklerOfPandas2(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, pd.arrays.ArrowStringArray):
            state = {"_pa_array": obj._pa_array, "_dtype": obj.dtype}
            return copyreg.__newobj__, (type(obj),), state  # type: ignore[attr-defined]
        return NotImplemented


NAMES_OF_PANDAS_2 = {
    b"cpandas\nDataFrame\n": b"cpandas.core.frame\nDataFrame\n",
    b"cpandas\nIndex\n": b"cpandas.core.indexes.base\nIndex\n",
    b"cpandas\nRangeIndex\n": b"cpandas.core.indexes.range\nRangeIndex\n",
    b"cpandas\nStringDtype\n": b"cpandas.core.arrays.string_\nStringDtype\n",
    b"cpandas.arrays\nArrowStringArray\n": b"cpandas.core.arrays.string_arrow\n"
    b"ArrowStringArrayNumpySemantics\n",
}


def _table_of_random_vectors() -> bytes:
    """Pickle a table of 8 queries as pandas 1.2 does."""
    vectors = np.random.default_rng(5).normal(size=(8, 64))
    columns: dict[str, list[object]] = {
        "id": list(range(8)),
        "text": [f"query {row}" for row in range(8)],
        "embedding": [row.tolist() for row in vectors],
    }
    with pytest.MonkeyPatch.context() as patch:
        return _pickled_as_pandas_1_2(columns, patch)


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


def _pickled_as_pandas_1_2(
    columns: dict[str, list[object]], monkeypatch: pytest.MonkeyPatch
) -> bytes:
    """Pickle a table in the form of ``BlockManager.__getstate__`` of pandas 1.2."""
    frame = _stand_in("pandas.core.frame", "DataFrame", monkeypatch)
    manager = _stand_in("pandas.core.internals.managers", "BlockManager", monkeypatch)
    index = _stand_in("pandas.core.indexes.base", "Index", monkeypatch)
    names = index()
    names.__dict__.update(data=np.array(list(columns), dtype=object))
    rows = index()
    values = np.empty((len(columns), len(columns["id"])), dtype=object)
    for row, column in enumerate(columns.values()):
        values[row] = [
            np.array(v, np.float32) if isinstance(v, list) else v for v in column
        ]
    blocks = [{"values": values, "mgr_locs": slice(0, len(columns), 1)}]
    none: list[object] = []
    state = (none, none, none, {"0.14.1": {"axes": [names, rows], "blocks": blocks}})
    managed = manager()
    managed.__dict__["state"] = state
    table = frame()
    table.__dict__.update(_mgr=managed, _typ="dataframe")
    return pickle.dumps(table)


def _stand_in(module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> type:
    class Stand:
        def __reduce__(self) -> tuple[object, ...]:
            if name == "Index":
                return _NEW_INDEX[0], (type(self), dict(self.__dict__))
            state = self.__dict__.get("state", dict(self.__dict__))
            return type(self), (), state

    Stand.__module__, Stand.__qualname__ = module, name
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        package = ".".join(parts[:length])
        monkeypatch.setitem(sys.modules, package, ModuleType(package))
    setattr(sys.modules[module], name, Stand)
    if name == "Index":

        def _new_index(kind: type, values: dict[str, object]) -> None:
            raise AssertionError("only its name is pickled")

        _new_index.__module__, _new_index.__qualname__ = module, "_new_Index"
        sys.modules[module].__dict__["_new_Index"] = _new_index
        _NEW_INDEX[:] = [_new_index]
    return Stand


_NEW_INDEX: list[object] = []
