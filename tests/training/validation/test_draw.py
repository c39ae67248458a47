"""Queries are drawn over bins of difficulty, or all alike."""

import pytest

from tasb_pyserini.training.validation.draw import difficulty_bins, draw_queries

# Bins of [0, 1]: four easy, one in the second, none in the third, two, three.
VALUES = {
    **dict.fromkeys(["a", "b", "c", "d"], 0.0),
    "e": 0.39,
    **dict.fromkeys(["f", "g"], 0.63),
    **dict.fromkeys(["h", "i"], 1.0),
    "j": 0.8,
}
BINS = [["a", "b", "c", "d"], ["e"], [], ["f", "g"], ["h", "i", "j"]]


def drawn_of_bins(queries: int, seed: int) -> list[int]:
    drawn = draw_queries(difficulty_bins(VALUES), queries, "difficulty", seed)
    return [len(drawn.intersection(qids)) for qids in BINS]


def test_bins_are_equally_wide_between_the_lowest_and_the_highest_value() -> None:
    assert [group.qids for group in difficulty_bins(VALUES)] == BINS
    higher = {qid: 10 + 5 * value for qid, value in VALUES.items()}
    bins = difficulty_bins(higher)
    assert [group.qids for group in bins] == BINS
    edges = [edge for group in bins for edge in (group.low, group.high)]
    assert edges == pytest.approx([10, 11, 11, 12, 12, 13, 13, 14, 14, 15])


def test_values_that_are_all_the_same_are_one_bin() -> None:
    assert difficulty_bins({"a": 0.5, "b": 0.5}) == [(0.5, 0.5, ["a", "b"])]


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        (5, [1, 1, 0, 1, 1]),  # the empty bin gives none, and nobody fills in
        (10, [2, 1, 0, 2, 2]),
        (12, [3, 1, 0, 2, 2]),  # what five bins can't share goes to the first ones
        (3, [1, 1, 0, 0, 0]),
        (1_000, [4, 1, 0, 2, 3]),
    ],
)
def test_each_bin_gives_an_equal_share_or_all_it_has(
    queries: int, expected: list[int]
) -> None:
    assert drawn_of_bins(queries, seed=0) == drawn_of_bins(queries, seed=1) == expected


def test_over_queries_every_query_is_as_likely_as_any_other() -> None:
    bins = difficulty_bins(VALUES)
    times = dict.fromkeys(VALUES, 0)
    for seed in range(2_000):
        drawn = draw_queries(bins, 3, "queries", seed)
        assert len(drawn) == 3
        for qid in drawn:
            times[qid] += 1
    # Of 6,000 draws 600 each; the standard deviation is about 20.
    assert max(abs(count - 600) for count in times.values()) < 100
    assert draw_queries(bins, 99, "queries", 0) == set(VALUES)


def test_a_draw_depends_on_the_seed_and_not_on_the_order() -> None:
    backwards = dict(reversed(VALUES.items()))
    draws = set()
    for seed in range(10):
        drawn = draw_queries(difficulty_bins(VALUES), 5, "difficulty", seed)
        again = draw_queries(difficulty_bins(backwards), 5, "difficulty", seed)
        assert drawn == again
        draws.add(frozenset(drawn))
    assert len(draws) > 3
