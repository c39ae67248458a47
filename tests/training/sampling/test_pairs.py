"""Draws of pairs against exact odds."""

from fractions import Fraction

import numpy as np

from tasb_pyserini.training.sampling.pairs import draw_pairs
from tasb_pyserini.training.sampling.pool import (
    Pool,
    hard_pairs,
    margin_bins,
    whole_pool,
)
from tests.training.sampling.toy import assert_drawn_with_odds, pairs_with_margins

DRAWS = 6_000


def rows_drawn(pool: Pool, query: int) -> list[int]:
    rng = np.random.default_rng(7)
    rows: list[int] = draw_pairs(pool, np.full(DRAWS, query), rng).row.tolist()
    return rows


def test_bins_have_equal_chances_and_empty_ones_none() -> None:
    pool = margin_bins(pairs_with_margins([9.0], [0.0, 0.5, 1.0, 10.0]), 10)
    # Bins {0, .5}, {1} and {10}, seven empty ones.
    odds = {1: Fraction(1, 6), 2: Fraction(1, 6), 3: Fraction(1, 3), 4: Fraction(1, 3)}
    assert_drawn_with_odds(rows_drawn(pool, 1), odds)


def test_the_only_pair_is_always_drawn() -> None:
    pool = margin_bins(pairs_with_margins([9.0], [0.0, 1.0]), 10)
    assert set(rows_drawn(pool, 0)) == {0}


def test_equal_margins_have_equal_chances() -> None:
    pool = margin_bins(pairs_with_margins([2.0, 2.0, 2.0]), 10)
    assert_drawn_with_odds(rows_drawn(pool, 0), dict.fromkeys(range(3), Fraction(1, 3)))


def test_without_bins_all_pairs_have_equal_chances() -> None:
    pool = whole_pool(pairs_with_margins([1.0], [0.0, 0.5, 1.0, 10.0]))
    assert_drawn_with_odds(
        rows_drawn(pool, 1), dict.fromkeys(range(1, 5), Fraction(1, 4))
    )


def test_pairs_up_to_the_cut_off_have_equal_chances_and_others_none() -> None:
    pool = hard_pairs(pairs_with_margins([1.0, 5.0, 6.0, 6.5]), 6.0)
    assert_drawn_with_odds(rows_drawn(pool, 0), dict.fromkeys(range(3), Fraction(1, 3)))


def test_the_bin_drawn_is_returned() -> None:
    pool = margin_bins(pairs_with_margins([0.0, 0.5, 1.0, 10.0]), 10)
    drawn = draw_pairs(pool, np.zeros(200, dtype=np.int64), np.random.default_rng(1))
    assert set(zip(drawn.row.tolist(), drawn.bin.tolist(), strict=True)) == {
        (0, 0),
        (1, 0),
        (2, 1),
        (3, 9),
    }
