"""Several indexes give what one of all their passages gives."""

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.search.faiss_index import FaissIndex
from tasb_pyserini.search.sharded import ShardedIndex, open_index
from tests.indexing.vectors import Matrix, uneven_vectors, write_vectors

faiss = pytest.importorskip("faiss")


def make(folder: Path, vectors: Matrix, kind: str = "flat", first: int = 0) -> Path:
    """Build an index; return its folder."""
    write_vectors(folder / "E", vectors, first=first)
    build_index(folder / "E", folder / "I", kind)
    return folder / "I"


@settings(max_examples=40)
@given(
    kind=st.sampled_from(["flat", "fp16"]),
    rows=st.lists(
        st.tuples(st.integers(-1, 1), st.integers(-1, 1)), min_size=2, max_size=60
    ),
    cuts=st.sets(st.integers(1, 59), max_size=3),
    k=st.integers(1, 70),
)
def test_parts_are_merged_exactly_ties_included(
    kind: str, rows: list[tuple[int, int]], cuts: set[int], k: int
) -> None:
    """Nine different vectors at most: nearly all scores tie, also at the cut."""
    vectors = np.array(rows, np.float32)
    ends = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    queries = np.array([[2, 1], [0, 0], [-1, 3]], np.float32)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = [
            make(folder / f"{low}", vectors[low:high], kind, low)
            for low, high in pairwise(ends)
        ]
        several = open_index(folders).search(queries, k)
        one = FaissIndex(make(folder / "one", vectors, kind)).search(queries, k)
    exact = queries @ vectors.T
    expected = np.argsort(-exact, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(one[1][:, : len(rows)], expected)
    for ours, whole in zip(several, one, strict=True):
        np.testing.assert_array_equal(ours, whole)


def test_parts_are_merged_exactly_at_tas_bs_size(tmp_path: Path) -> None:
    vectors, queries = uneven_vectors(2000, 768), uneven_vectors(200, 768, seed=2)
    vectors[700:760] = vectors[100]  # the same passage in two parts
    queries[0] = vectors[100]
    parts = [
        make(tmp_path / "a", vectors[:750]),
        make(tmp_path / "b", vectors[750:], first=750),
    ]
    one = FaissIndex(make(tmp_path / "one", vectors))
    several = open_index(parts)
    for k in (10, 61, 2500):
        for ours, whole in zip(
            several.search(queries, k), one.search(queries, k), strict=True
        ):
            np.testing.assert_array_equal(ours, whole)
    assert several.docids == one.docids
    positions = np.array([1999, 0, 749, 750])
    np.testing.assert_array_equal(several.reconstruct(positions), vectors[positions])


def test_one_folder_is_opened_as_it_is(tmp_path: Path) -> None:
    index = open_index([make(tmp_path, np.eye(3, dtype=np.float32))])
    assert isinstance(index, FaissIndex)
    assert index.folders == (tmp_path / "I",)


def test_parts_that_do_not_fit_are_named(tmp_path: Path) -> None:
    a = make(tmp_path / "a", np.eye(3, dtype=np.float32))
    b = make(tmp_path / "b", np.eye(4, dtype=np.float32), first=3)
    with pytest.raises(TasbError, match=r"b/I: an index of 4 dimensions beside .*a/I"):
        open_index([a, b])
    with pytest.raises(TasbError, match=r"a/I: docid d0 is in .*a/I too"):
        open_index([a, a])
    with pytest.raises(TasbError, match="no index folder"):
        ShardedIndex([])
