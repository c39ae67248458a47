"""What a run of batches uses, and what it never reaches."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.training.sampling.sampler import IndexBatch, Sampler

if TYPE_CHECKING:
    from tasb_pyserini.training.pairs.store import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which queries a sampler can draw, and which need a second look.

    Parameters
    ----------
    queries, pairs
        In the pair store.
    drawable_queries, drawable_pairs
        What the sampler can draw: all, but for the next two and for clusters that are
        left out because they are short.
    without_cluster
        Queries that no cluster names.
    without_pair
        Queries of which no pair is below the margin cut-off.
    one_pair
        Queries with a single pair; they are drawn like all others.
    equal_margins
        Queries with several pairs of the same margin: they have one bin.
    clusters, empty_clusters, short_clusters
        All clusters; those with no query to draw; those with fewer queries than a
        cluster's share of a batch, which are mixed with others, or left out.
    """

    queries: int
    pairs: int
    drawable_queries: int
    drawable_pairs: int
    without_cluster: int
    without_pair: int
    one_pair: int
    equal_margins: int
    clusters: int
    empty_clusters: int
    short_clusters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What some batches drew.

    Parameters
    ----------
    batches
        How many.
    queries, pairs
        Different ones drawn.
    bins
        Share of the draws that each bin got, of the queries' own bins.
    bins_of_pairs
        Share of all drawable pairs that lie in each bin: what a uniform draw would
        give, were all queries drawn alike.
    clusters
        Different clusters drawn.
    visits
        Batches that drew from a cluster: fewest, median and most over the clusters that
        can be drawn.
    clusters_a_batch
        Mean number of clusters in a batch.
    """

    batches: int
    queries: int
    pairs: int
    bins: list[float]
    bins_of_pairs: list[float]
    clusters: int
    visits: tuple[int, float, int]
    clusters_a_batch: float


def describe_reach(
    pairs: "Pairs",
    sampler: Sampler,
    clusters: Sequence[NDArray[np.int64]] | None = None,
) -> Reach:
    """Return what a sampler can draw from its pairs and clusters."""
    sizes, all_sizes = sampler.pool.sizes, np.diff(pairs.offsets)
    drawable = np.concatenate(sampler.queries.groups)
    named = [] if clusters is None else clusters
    clustered = np.zeros(len(sizes), dtype=bool)
    for cluster in named:
        clustered[cluster] = True
    usable = np.array([np.count_nonzero(sizes[cluster]) for cluster in named])
    share = sampler.sampling.batch_size // sampler.sampling.n_clusters
    uses_clusters = sampler.sampling.uses_clusters
    return Reach(
        queries=len(sizes),
        pairs=int(all_sizes.sum()),
        drawable_queries=len(drawable),
        drawable_pairs=int(sizes[drawable].sum()),
        without_cluster=int((~clustered).sum()) if uses_clusters else 0,
        without_pair=int((sizes == 0).sum()),
        one_pair=int((all_sizes == 1).sum()),
        equal_margins=_equal_margins(pairs),
        clusters=len(named),
        empty_clusters=int((usable == 0).sum()),
        short_clusters=int(((usable > 0) & (usable < share)).sum()),
    )


def count_usage(sampler: Sampler, batches: Iterable[IndexBatch]) -> Usage:
    """Return what `batches`, at least one, drawn by `sampler`, used.

    Takes a byte for each pair and query, however many batches there are.
    """
    pool, groups = sampler.pool, sampler.queries.groups
    seen_query = np.zeros(len(pool.start), dtype=bool)
    seen_pair = np.zeros(int(pool.start[-1]) + int(pool.bounds[-1, -1]), dtype=bool)
    bins = np.zeros(pool.n_bins, dtype=np.int64)
    visits: Counter[int] = Counter()
    count = 0
    for batch in batches:
        count += 1
        seen_query[batch.query] = True
        seen_pair[batch.row] = True
        bins += np.bincount(batch.bin, minlength=pool.n_bins)
        visits.update(np.unique(batch.cluster).tolist())
    unvisited = [0] * (len(groups) - len(visits))
    a_cluster = sorted([*visits.values(), *unvisited])
    in_bins = np.diff(pool.bounds[np.concatenate(groups)], axis=1).sum(axis=0)
    return Usage(
        batches=count,
        queries=int(seen_query.sum()),
        pairs=int(seen_pair.sum()),
        bins=_shares(bins),
        bins_of_pairs=_shares(in_bins),
        clusters=len(visits) if sampler.sampling.uses_clusters else 0,
        visits=(a_cluster[0], median(a_cluster), a_cluster[-1]),
        clusters_a_batch=visits.total() / count,
    )


def _equal_margins(pairs: "Pairs") -> int:
    """Return how many queries have several pairs, all of one margin."""
    several = np.diff(pairs.offsets) > 1
    if pairs.pos_score is None:
        return 0
    low = pairs.margins(pairs.offsets[:-1][several])
    high = pairs.margins(pairs.offsets[1:][several] - 1)
    return int((low == high).sum())


def _shares(counts: NDArray[np.integer]) -> list[float]:
    shares: list[float] = (counts / counts.sum()).round(4).tolist()
    return shares
