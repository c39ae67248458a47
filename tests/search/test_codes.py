"""Many queries at once find in fp16 and int8 what each finds alone."""

from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.search import codes
from tasb_pyserini.search.faiss_index import FaissIndex
from tests.indexing.vectors import uneven_vectors, write_vectors

faiss = pytest.importorskip("faiss")


@pytest.mark.parametrize("kind", ["fp16", "int8"])
@pytest.mark.parametrize("dimension", [7, 768])
def test_a_query_scores_the_same_alone_and_among_many(
    kind: str, dimension: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of 700 passages, so that hits of several are merged."""
    monkeypatch.setattr(codes, "BLOCK", 700)
    write_vectors(tmp_path / "E", uneven_vectors(3000, dimension))
    build_index(tmp_path / "E", tmp_path / "I", kind)
    index = FaissIndex(tmp_path / "I")
    queries = uneven_vectors(codes.LEAST_TOGETHER, dimension, seed=2)
    together = index.search(queries, 1000)
    for row in range(len(queries)):
        alone = index.search(queries[row : row + 1], 1000)
        plain, _ = index.index.search(queries[row : row + 1], 1000)
        np.testing.assert_array_equal(together[0][row], plain[0])
        np.testing.assert_array_equal(together[0][row], alone[0][0])
        np.testing.assert_array_equal(together[1][row], alone[1][0])


@pytest.mark.parametrize("hits", [5, 40, 60])
def test_equal_scores_are_ordered_by_position(hits: int, tmp_path: Path) -> None:
    """Three different vectors: nearly all tie; there are fewer than 60."""
    vectors = np.array([[1, 0], [0, 1], [1, 1]] * 16, np.float32)
    write_vectors(tmp_path / "E", vectors)
    build_index(tmp_path / "E", tmp_path / "I", "fp16")
    queries = np.repeat(np.array([[2, 1], [0, 0]], np.float32), 50, axis=0)
    _, positions = FaissIndex(tmp_path / "I").search(queries, hits)
    expected = np.argsort(-(queries @ vectors.T), axis=1, kind="stable")[:, :hits]
    np.testing.assert_array_equal(positions[:, :48], expected)
    assert (positions[:, 48:] == -1).all()
