from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.sampler import random_batches, random_triples

sizes = st.integers(1, 30).flatmap(
    lambda batch: st.tuples(st.integers(batch, 90), st.just(batch))
)
seeds = st.integers(0, 2**63 - 1)


@given(sizes, seeds)
def test_no_row_comes_twice_in_an_epoch(size: tuple[int, int], seed: int) -> None:
    n, batch_size = size
    per_epoch = n // batch_size
    batches = random_batches(n, batch_size, seed)

    for _ in range(3):
        rows = np.concatenate(list(islice(batches, per_epoch)))
        assert len(rows) == per_epoch * batch_size
        assert len(np.unique(rows)) == len(rows)
        assert rows.min() >= 0
        assert rows.max() < n


@given(sizes, seeds, st.integers(0, 40))
def test_the_number_of_batches_drawn_is_the_whole_state(
    size: tuple[int, int], seed: int, drawn: int
) -> None:
    undisturbed = list(islice(random_batches(*size, seed), drawn + 5))

    restored = list(islice(random_batches(*size, seed, drawn=drawn), 5))

    assert [b.tolist() for b in restored] == [b.tolist() for b in undisturbed[drawn:]]


def test_epochs_and_seeds_differ() -> None:
    batches = random_batches(1000, 1000, seed=1)

    first, second = next(batches).tolist(), next(batches).tolist()

    assert first != second
    assert first != next(random_batches(1000, 1000, seed=2)).tolist()


def test_too_few_rows_for_a_batch_is_an_error() -> None:
    with pytest.raises(TasbError, match="3 training queries do not fill a batch of 4"):
        next(random_batches(3, 4, seed=0))


queries_of_triples = st.lists(st.integers(0, 12), min_size=1, max_size=60)


@given(queries_of_triples, seeds, st.data())
def test_a_batch_has_distinct_queries(
    queries: list[int], seed: int, data: st.DataObject
) -> None:
    distinct = len(set(queries))
    batch_size = data.draw(st.integers(1, distinct))
    array = np.array(queries, dtype=np.int32)

    for rows in islice(random_triples(array, batch_size, seed), 6):
        assert len(rows) == batch_size
        assert len(np.unique(array[rows])) == batch_size


@given(queries_of_triples, seeds, st.integers(0, 20))
def test_triples_go_on_where_they_stopped(
    queries: list[int], seed: int, drawn: int
) -> None:
    array = np.array(queries)
    undisturbed = list(islice(random_triples(array, 1, seed), drawn + 3))

    restored = list(islice(random_triples(array, 1, seed, drawn=drawn), 3))

    assert [b.tolist() for b in restored] == [b.tolist() for b in undisturbed[drawn:]]


def test_every_query_is_drawn_equally_often_and_its_triples_at_random() -> None:
    queries = np.array([0] * 4 + [1] + [2, 3] * 2 + [0] * 4)  # 8, 1, 2 and 2 triples
    epochs = 4_000
    drawn = np.concatenate(list(islice(random_triples(queries, 2, 5), 2 * epochs)))

    of_query = np.bincount(queries[drawn])
    of_triple = np.bincount(drawn, minlength=len(queries))

    assert of_query.tolist() == [epochs] * 4
    for query, bound in ((0, 24.3), (2, 10.8), (3, 10.8)):  # p = 0.001 at 7, 1, 1 d.f.
        counts = of_triple[queries == query]
        expected = epochs / len(counts)
        assert ((counts - expected) ** 2 / expected).sum() < bound
