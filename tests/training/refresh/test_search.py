"""Hits are those of a slow search in numpy, whatever the blocks."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasb_pyserini.training.refresh import search
from tasb_pyserini.training.refresh.search import (
    merge_hits,
    no_hits,
    passages_of,
    search_block,
)

CPU = torch.device("cpu")
FloatArray = NDArray[np.float32]


def search_blocks(
    queries: FloatArray, passages: FloatArray, depth: int, block: int, ranks: int = 1
) -> NDArray[np.int64]:
    """Search blocks of some size, each process every n-th of them."""
    parts = []
    for rank in range(ranks):
        hits = no_hits(len(queries), depth, CPU)
        for first in range(0, len(passages), block)[rank::ranks]:
            own = torch.from_numpy(passages[first : first + block])
            search_block(hits, torch.from_numpy(queries), own, first)
        parts.append(hits)
    return passages_of(merge_hits(parts))


def slow_search(
    queries: FloatArray, passages: FloatArray, depth: int
) -> NDArray[np.int64]:
    """Rank one query after the other by score, then number."""
    found = np.full((len(queries), depth), -1)
    for row, query in enumerate(queries):
        scores = [float(query @ passage) for passage in passages]
        order = sorted(range(len(passages)), key=lambda n: (-scores[n], n))[:depth]
        found[row, : len(order)] = order
    return found


@given(
    seed=st.integers(0, 10_000),
    n_passages=st.integers(1, 40),
    depth=st.integers(1, 12),
    block=st.integers(1, 41),
    ranks=st.integers(1, 3),
)
def test_ties_are_ordered_by_number_in_blocks_of_any_size(
    seed: int, n_passages: int, depth: int, block: int, ranks: int
) -> None:
    """Small whole numbers: products are exact, and many are equal, also negative."""
    rng = np.random.default_rng(seed)
    queries = rng.integers(-1, 2, size=(5, 2)).astype(np.float32)
    passages = rng.integers(-2, 3, size=(n_passages, 2)).astype(np.float32)

    found = search_blocks(queries, passages, depth, block, ranks)

    np.testing.assert_array_equal(found, slow_search(queries, passages, depth))


@pytest.mark.parametrize("block", [7, 64, 300])
def test_real_vectors_are_ranked_by_score(block: int) -> None:
    rng = np.random.default_rng(3)
    queries = rng.normal(size=(20, 16)).astype(np.float32)
    passages = rng.normal(size=(300, 16)).astype(np.float32)

    found = search_blocks(queries, passages, 50, block)

    np.testing.assert_array_equal(found, slow_search(queries, passages, 50))


def test_queries_too_many_for_one_matrix_are_searched_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    queries = rng.integers(-3, 4, size=(23, 4)).astype(np.float32)
    passages = rng.integers(-3, 4, size=(50, 4)).astype(np.float32)
    whole = search_blocks(queries, passages, 9, 20)

    monkeypatch.setattr(search, "SCORES_AT_ONCE", 60)

    np.testing.assert_array_equal(search_blocks(queries, passages, 9, 20), whole)


def test_minus_zero_is_zero_and_the_largest_scores_come_first() -> None:
    queries = np.ones((1, 1), np.float32)
    passages = np.array([[-0.0], [0.0], [3e38], [-3e38], [1e-45], [-1e-45]], np.float32)

    assert search_blocks(queries, passages, 6, 6).tolist() == [[2, 4, 0, 1, 5, 3]]
