"""An opened index: what it refuses, and what a search leaves as it was."""

import os
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.dense import dense_run
from tasb_pyserini.search.faiss_index import FaissIndex
from tests.search.vectors_index import make_index

faiss = pytest.importorskip("faiss")


def test_a_query_scores_the_same_alone_and_in_a_batch(tmp_path: Path) -> None:
    """Faiss multiplies matrices for batches of 167 and more at this dimension."""
    rng = np.random.default_rng(3)
    index = make_index(tmp_path, rng.normal(size=(3000, 768)).astype(np.float32))
    queries = rng.normal(size=(400, 768)).astype(np.float32)
    scores, positions = index.search(queries, 1000)
    for row in range(0, 400, 29):
        alone = slice(row, row + 1)
        plain_scores, _ = index.index.search(
            queries[alone], 1000
        )  # parts ties by chance
        np.testing.assert_array_equal(scores[row], plain_scores[0])
        _, positions_alone = index.search(queries[alone], 1000)
        np.testing.assert_array_equal(positions[row], positions_alone[0])


def test_vectors_of_another_dimension_are_refused(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.eye(3, dtype=np.float32))
    with pytest.raises(
        TasbError, match="index of 3 dimensions, but query vectors of 4"
    ):
        dense_run(index, ["q"], np.ones((1, 4), np.float32), k=1)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("no index", "no file 'index'; expected a Faiss index directory"),
        (
            "torn index",
            r"not a whole Faiss index; build it again \(Faiss: .*read error",
        ),
        ("lost docid", "3 vectors for 2 docids; build the index again"),
    ],
)
def test_a_damaged_index_is_named(tmp_path: Path, damage: str, message: str) -> None:
    make_index(tmp_path, np.eye(3, dtype=np.float32))
    index = tmp_path / "I" / "index"
    if damage == "no index":
        index.unlink()
    elif damage == "torn index":
        index.write_bytes(index.read_bytes()[:20])
    else:
        (tmp_path / "I" / "docid").write_text("d0\nd1\n")
    with pytest.raises(TasbError, match=message):
        FaissIndex(tmp_path / "I")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_index_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    make_index(tmp_path, np.eye(3, dtype=np.float32))
    (tmp_path / "I" / "index").chmod(0)
    with pytest.raises(TasbError, match="index: not read: Permission denied; expected"):
        FaissIndex(tmp_path / "I")


def test_a_search_leaves_the_number_of_threads_as_it_was(tmp_path: Path) -> None:
    before = faiss.omp_get_max_threads()
    index = make_index(tmp_path, np.eye(2, dtype=np.float32))
    try:
        faiss.omp_set_num_threads(3)
        dense_run(index, ["1"], np.ones((1, 2), np.float32), 1, threads=1)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


def test_a_query_that_is_no_number_is_refused(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.eye(3, dtype=np.float32))
    vectors = np.ones((2, 3), np.float32)
    vectors[1, 2] = np.nan
    with pytest.raises(TasbError, match="vector of query 2 of 2: NaN or infinity"):
        index.search(vectors, 1)


def test_an_index_of_distances_is_refused(tmp_path: Path) -> None:
    """Its largest numbers are the worst passages."""
    make_index(tmp_path, np.eye(3, dtype=np.float32))
    other = faiss.IndexFlatL2(3)
    other.add(np.eye(3, dtype=np.float32))
    faiss.write_index(other, str(tmp_path / "I" / "index"))
    with pytest.raises(TasbError, match="another metric than the inner product"):
        FaissIndex(tmp_path / "I")


def test_docids_are_read_to_the_last_and_as_utf_8(tmp_path: Path) -> None:
    make_index(tmp_path, np.eye(3, dtype=np.float32))
    docid = tmp_path / "I" / "docid"
    docid.write_bytes(b"a\r\nb\nc")
    assert FaissIndex(tmp_path / "I").docids == ["a", "b", "c"]
    docid.write_bytes("a\n\u00e9\nc\n".encode("latin-1"))
    with pytest.raises(TasbError, match="docid:2: byte 0xe9"):
        FaissIndex(tmp_path / "I")
