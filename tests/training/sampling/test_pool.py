"""Bins are those of eq. 12, left-closed, for every query by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.sampling.pool import hard_pairs, margin_bins, whole_pool
from tests.training.sampling.toy import pairs_with_margins

MARGINS = st.lists(
    st.lists(
        st.floats(-1e6, 1e6, width=32) | st.sampled_from([-1.0, 0.0, 0.125, 0.25, 1.0]),
        min_size=1,
        max_size=30,
    ).map(sorted),
    min_size=1,
    max_size=6,
)


def test_a_margin_on_an_edge_is_in_the_bin_above_and_the_highest_in_the_last() -> None:
    # Ten bins of width 1: 0 and .5 are in bin 0, 1 in bin 1, 10 in bin 9.
    pool = margin_bins(pairs_with_margins([0.0, 0.5, 1.0, 10.0]), 10)
    assert pool.bounds.tolist() == [[0, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4]]


def test_bins_are_each_querys_own_and_margins_are_signed() -> None:
    pool = margin_bins(pairs_with_margins([-4.0, -3.0, 0.0], [100.0, 104.0]), 2)
    # Query 0: [-4, -2) and [-2, 0]; query 1: [100, 102) and [102, 104].
    assert pool.bounds.tolist() == [[0, 2, 3], [0, 1, 2]]
    assert pool.start.tolist() == [0, 3]


def test_one_pair_and_equal_margins_are_kept_in_one_bin() -> None:
    pool = margin_bins(pairs_with_margins([3.0], [2.0, 2.0, 2.0]), 10)
    assert pool.bounds[0].tolist() == [0] * 10 + [1]
    assert pool.bounds[1].tolist() == [0] * 10 + [3]


@given(MARGINS, st.integers(1, 12))
def test_bins_equal_a_comparison_of_every_margin_with_every_edge(
    margins: list[list[float]], n_bins: int
) -> None:
    pool = margin_bins(pairs_with_margins(*margins), n_bins)
    for bounds, own in zip(pool.bounds, margins, strict=True):
        low, high = own[0], own[-1]
        edges = [low + (high - low) * (j / n_bins) for j in range(1, n_bins)]
        slow = [sum(margin >= edge for edge in edges) for margin in own]
        fast = np.repeat(np.arange(n_bins), np.diff(bounds))
        assert fast.tolist() == slow


@given(MARGINS, st.floats(-1e6, 1e6))
def test_the_cut_off_keeps_just_the_margins_that_are_not_above_it(
    margins: list[list[float]], cut_off: float
) -> None:
    kept = [sum(m <= cut_off for m in own) for own in margins]
    pairs = pairs_with_margins(*margins)
    if any(kept):
        assert hard_pairs(pairs, cut_off).sizes.tolist() == kept
    else:
        with pytest.raises(TasbError, match="no pair has so small a margin"):
            hard_pairs(pairs, cut_off)


def test_without_bins_all_pairs_of_a_query_are_one() -> None:
    pool = whole_pool(pairs_with_margins([1.0, 2.0], [5.0], scored=False))
    assert pool.bounds.tolist() == [[0, 2], [0, 1]]


def test_bins_of_pairs_without_scores_are_refused_with_what_to_do() -> None:
    with pytest.raises(TasbError, match=r"without teacher scores.*tasb score"):
        margin_bins(pairs_with_margins([1.0, 2.0], scored=False), 10)


def test_no_bins_at_all_are_refused() -> None:
    with pytest.raises(TasbError, match="0 bins"):
        margin_bins(pairs_with_margins([1.0]), 0)
