"""Draws of queries against exact odds."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.sampling.queries import (
    ClusteredQueries,
    DrawsQueries,
    RandomQueries,
)
from tests.training.sampling.toy import assert_drawn_with_odds

BATCHES = 6_000


def clusters(*sizes: int) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return clusters of queries 0, 1, 2, …, the first one with the first of them."""
    ends = np.cumsum(sizes)
    return [np.arange(end - size, end) for size, end in zip(sizes, ends, strict=True)]


def batches_drawn(queries: DrawsQueries) -> list[frozenset[int]]:
    rng = np.random.default_rng(11)
    return [
        frozenset(queries.draw(number, rng).query.tolist()) for number in range(BATCHES)
    ]


def test_clusters_of_one_two_b_and_b_plus_one_queries_fill_a_batch_of_three() -> None:
    # Query 0; 1, 2; 3, 4, 5; 6 to 9. By hand: each cluster comes first with 1/4, and
    # next, where there is room, with 1/3. A short one gives its first queries.
    odds = {frozenset({3, 4, 5}): Fraction(1, 4)}
    odds |= {frozenset(c): Fraction(1, 16) for c in combinations(range(6, 10), 3)}
    odds[frozenset({0, 1, 2})] = Fraction(1, 6)
    odds[frozenset({1, 2, 3})] = Fraction(1, 12)
    odds |= {frozenset({1, 2, q}): Fraction(1, 48) for q in range(6, 10)}
    odds[frozenset({0, 3, 4})] = Fraction(1, 12)
    odds |= {frozenset({0, *c}): Fraction(1, 72) for c in combinations(range(6, 10), 2)}
    drawn = batches_drawn(ClusteredQueries(clusters(1, 2, 3, 4), 3))
    assert_drawn_with_odds(drawn, odds)


def test_a_cluster_drawn_again_gives_queries_that_are_not_yet_in_the_batch() -> None:
    # Batches of 4 from 2 draws of 2 queries; clusters 0 to 4 and 5, 6. The first alone
    # fills the batch if it is drawn twice (1/4); else both give two.
    odds = {frozenset(c): Fraction(1, 20) for c in combinations(range(5), 4)}
    odds |= {frozenset({5, 6, *c}): Fraction(3, 40) for c in combinations(range(5), 2)}
    drawn = batches_drawn(ClusteredQueries(clusters(5, 2), 4, n_clusters=2))
    assert_drawn_with_odds(drawn, odds)


def test_short_clusters_left_out_are_never_drawn() -> None:
    # Eq. 11: one of the two clusters that have two queries or more, two of it.
    odds = {frozenset({1, 2}): Fraction(1, 2)}
    odds |= {frozenset(c): Fraction(1, 6) for c in combinations((3, 4, 5), 2)}
    queries = ClusteredQueries(clusters(1, 2, 3), 2, short_clusters="leave-out")
    assert_drawn_with_odds(batches_drawn(queries), odds)


def test_clusters_of_a_batch_are_different_ones_where_short_ones_are_left_out() -> None:
    odds = {frozenset({1, 2, *c}): Fraction(1, 3) for c in combinations((3, 4, 5), 2)}
    queries = ClusteredQueries(clusters(1, 2, 3), 4, 2, "leave-out")
    assert_drawn_with_odds(batches_drawn(queries), odds)


def test_the_cluster_of_each_query_is_returned_by_its_own_number() -> None:
    queries = ClusteredQueries([np.array([4, 9]), np.array([], int), np.array([7])], 3)
    batch = queries.draw(0, np.random.default_rng(0))
    pairs = dict(zip(batch.query.tolist(), batch.cluster.tolist(), strict=True))
    assert pairs == {4: 0, 9: 0, 7: 2}


def test_random_batches_take_every_query_once_an_epoch() -> None:
    queries = RandomQueries(np.arange(10, 18), 4, seed=3)
    rng = np.random.default_rng(0)
    epochs = [
        [*queries.draw(2 * e, rng).query, *queries.draw(2 * e + 1, rng).query]
        for e in range(3)
    ]
    assert all(sorted(epoch) == list(range(10, 18)) for epoch in epochs)
    assert epochs[0] != epochs[1]


def test_random_batches_have_all_pairs_of_queries_with_equal_chances() -> None:
    rng = np.random.default_rng(0)
    drawn = [
        frozenset(RandomQueries(np.arange(4), 2, seed).draw(0, rng).query.tolist())
        for seed in range(2_000)
    ]
    odds = {frozenset(c): Fraction(1, 6) for c in combinations(range(4), 2)}
    assert_drawn_with_odds(drawn, odds)


def test_queries_left_over_wait_for_the_next_epoch() -> None:
    queries = RandomQueries(np.arange(5), 2, seed=1)
    rng = np.random.default_rng(0)
    first = {*queries.draw(0, rng).query, *queries.draw(1, rng).query}
    assert len(first) == 4
    seen = {q for number in range(40) for q in queries.draw(number, rng).query}
    assert seen == set(range(5))


def test_too_few_queries_are_refused() -> None:
    with pytest.raises(TasbError, match="3 training queries do not fill a batch of 4"):
        ClusteredQueries(clusters(1, 2), 4)
    with pytest.raises(TasbError, match="lower the batch size"):
        RandomQueries(np.arange(3), 4, seed=1)


@pytest.mark.parametrize(
    ("batch_size", "n", "policy", "message"),
    [
        (4, 5, "fill", "5 clusters a batch of 4: expected 1 to 4"),
        (4, 0, "fill", "0 clusters a batch"),
        (0, 1, "fill", "a batch of 0"),
        (4, 3, "leave-out", "a number that divides it"),
        (4, 1, "leave-out", "1 clusters have 4 or more|0 clusters have 4"),
    ],
)
def test_settings_that_make_no_batch_are_refused(
    batch_size: int, n: int, policy: str, message: str
) -> None:
    with pytest.raises(TasbError, match=message):
        ClusteredQueries(clusters(2, 3), batch_size, n, policy)  # type: ignore[arg-type]
