"""Counts by hand."""

import numpy as np

from tasb_pyserini.training.sampling.sampler import IndexBatch, Sampler, Sampling
from tasb_pyserini.training.sampling.statistics import count_usage, describe_reach
from tests.training.sampling.toy import pairs_with_margins

PAIRS = pairs_with_margins([0.0, 1.0, 10.0], [2.0, 2.0], [7.0], [1.0, 2.0])
CLUSTERS = [np.array([0]), np.array([], dtype=np.int64), np.array([1, 2])]


def column(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(numbers, dtype=np.int64)


def test_what_can_be_drawn_and_what_not_is_counted() -> None:
    sampler = Sampler(PAIRS, Sampling(batch_size=2, n_bins=2), CLUSTERS)
    reach = describe_reach(PAIRS, sampler, CLUSTERS)
    assert (reach.queries, reach.pairs) == (4, 8)
    assert (reach.drawable_queries, reach.drawable_pairs) == (3, 6)
    assert reach.without_cluster == 1  # query 3
    assert reach.one_pair == 1  # query 2
    assert reach.equal_margins == 1  # query 1
    assert (reach.clusters, reach.empty_clusters, reach.short_clusters) == (3, 1, 1)


def test_queries_above_the_cut_off_are_counted() -> None:
    sampling = Sampling(strategy="hard-margin", batch_size=2, max_margin=1.5)
    sampler = Sampler(PAIRS, sampling, [np.arange(4)])
    reach = describe_reach(PAIRS, sampler, [np.arange(4)])
    assert reach.without_pair == 2  # queries 1 and 2
    assert (reach.drawable_queries, reach.drawable_pairs) == (2, 3)


def test_usage_counts_different_queries_pairs_bins_and_clusters() -> None:
    sampler = Sampler(PAIRS, Sampling(batch_size=2, n_bins=2), CLUSTERS)
    usage = count_usage(
        sampler,
        [
            IndexBatch(column(1, 2), column(3, 5), column(2, 2), column(1, 1)),
            IndexBatch(column(0, 1), column(0, 4), column(0, 2), column(0, 1)),
        ],
    )
    assert (usage.batches, usage.queries, usage.pairs) == (2, 3, 4)
    assert usage.bins == [0.25, 0.75]
    # Bins [0, 5) and [5, 10] of query 0; one bin of queries 1 and 2.
    assert usage.bins_of_pairs == [0.3333, 0.6667]
    assert usage.clusters == 2
    assert usage.visits == (1, 1.5, 2)
    assert usage.clusters_a_batch == 1.5


def test_without_clusters_none_are_counted() -> None:
    sampler = Sampler(PAIRS, Sampling(strategy="random", batch_size=2))
    usage = count_usage(sampler, [sampler.batch(0)])
    assert (usage.clusters, usage.queries, usage.bins) == (0, 2, [1.0])
