"""Unit vectors whose cosines are inner products, divided by M and ‖q‖."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.lucene_dense_sphere import (
    BLOCK,
    largest_norm,
    read_norm,
    unit_passages,
    unit_queries,
    write_norm,
)
from tests.indexing.lucene_vectors import Matrix

MATRICES = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.just(3)),
    elements=st.floats(-1000, 1000, width=32),
)


@given(MATRICES, MATRICES)
def test_all_have_length_one_and_cosines_are_inner_products(
    passages: Matrix, queries: Matrix
) -> None:
    docids = [str(row) for row in range(len(passages))]
    largest = largest_norm(iter([(docids, passages)]))
    [(ids, unit)] = unit_passages(iter([(docids, passages)]), largest)
    asked, norms = unit_queries(queries)
    assert ids == docids
    assert unit.dtype == asked.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(
        np.linalg.norm(asked, axis=1), (norms > 0).astype(float), rtol=1e-6
    )
    assert not asked[:, -1].any()
    products = queries.astype(np.float64) @ passages.astype(np.float64).T
    cosines = asked.astype(np.float64) @ unit.astype(np.float64).T
    bound = 1e-6 * norms[:, None] * largest
    assert (abs(cosines * norms[:, None] * largest - products) <= bound).all()


def test_blocks_and_half_precision_keep_ids_with_vectors() -> None:
    vectors = np.full((BLOCK + 3, 2), 3, np.float16)
    docids = [f"d{row}" for row in range(len(vectors))]
    blocks = list(unit_passages(iter([(docids, vectors)]), 6.0))
    assert [len(unit) for _, unit in blocks] == [BLOCK, 3]
    assert blocks[1][0] == docids[BLOCK:]
    np.testing.assert_allclose(blocks[1][1][2], [0.5, 0.5, 0.5**0.5], rtol=1e-6)


def test_vectors_of_zeros_have_a_place() -> None:
    assert largest_norm(iter([(["a"], np.zeros((1, 2), np.float32))])) == 1.0


def test_a_vector_without_values_is_named() -> None:
    bad = np.array([[1, 2], [np.nan, 0]], np.float32)
    with pytest.raises(TasbError, match="the vector of passage b has values"):
        largest_norm(iter([(["a", "b"], bad)]))


def test_the_norm_is_read_as_written(tmp_path: Path) -> None:
    write_norm(tmp_path, 1 / 3, "lucene-flat")
    assert read_norm(tmp_path) == (1 / 3, "lucene-flat")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"kind": "x"}', '{"largest_norm": 0, "kind": "x"}', "null"]
)
def test_another_file_is_no_norm(tmp_path: Path, text: str) -> None:
    (tmp_path / "norm.json").write_text(text)
    with pytest.raises(TasbError, match=r"norm\.json:.* (no norm|norm 0|not .*JSON)"):
        read_norm(tmp_path)
