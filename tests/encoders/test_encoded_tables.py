"""Tables of encoded queries as one pandas or another pickles them."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tasb_pyserini.encoders.encoded_queries import read_encoded_queries
from tasb_pyserini.formats.errors import InputError
from tests.encoders.pandas_pickles import (
    NAMES_OF_PANDAS_2,
    PicklerOfPandas2,
    pickled_as_pandas_1_2,
)

VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)
TABLE = pd.DataFrame(
    {"id": ["7", "9", "11"], "text": ["a ", " 京 🌲", ""], "embedding": [*VECTORS]}
)
"""What ``python -m pyserini.encode.query`` makes of three queries."""


def _assert_is_the_table(path: Path) -> None:
    encoded = read_encoded_queries(path)
    assert (encoded.qids, encoded.queries) == (["7", "9", "11"], ["a", "京 🌲", ""])
    assert encoded.vectors.dtype == np.float32
    np.testing.assert_array_equal(encoded.vectors, VECTORS)


def test_tables_of_pandas_up_to_1_2_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pyserini's dev vectors are of May 2021, from before pandas 1.3."""
    old = pickled_as_pandas_1_2(
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
    PicklerOfPandas2(content, protocol=3).dump(TABLE)
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
