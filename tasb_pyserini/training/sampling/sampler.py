"""Batches by strategy, seed and number."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.sampling.pairs import draw_pairs
from tasb_pyserini.training.sampling.pool import (
    Pool,
    hard_pairs,
    margin_bins,
    whole_pool,
)
from tasb_pyserini.training.sampling.queries import (
    ClusteredQueries,
    DrawsQueries,
    RandomQueries,
    ShortClusters,
)

if TYPE_CHECKING:
    from tasb_pyserini.training.pairs.store import Pairs

Strategy = Literal["random", "tas", "tas-balanced", "hard-margin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How batches are drawn.

    Defaults are what the published model was trained with (matchmaker's
    ``modes/tas_balanced.yaml``), but for its batch size of 256.

    Parameters
    ----------
    strategy
        ``random``: random queries, a random pair of each (TAS-B paper, eq. 9).
        ``tas``: queries of a cluster, a random pair of each (eq. 11).
        ``tas-balanced``: queries of a cluster, a random pair of a random margin bin
        (eq. 13). ``hard-margin``: queries of a cluster, a random pair of those whose
        margin is not above `max_margin` (Wang & Zuccon, SIGIR 2023).
    batch_size
        Queries a batch.
    seed
        At least 0.
    n_clusters, short_clusters
        See :class:`~tasb_pyserini.training.sampling.queries.ClusteredQueries`.
    n_bins
        See :func:`~tasb_pyserini.training.sampling.pool.margin_bins`.
    max_margin
        See :func:`~tasb_pyserini.training.sampling.pool.hard_pairs`; 6 in the study's
        configurations.
    """

    strategy: Strategy = "tas-balanced"
    batch_size: int = 32
    seed: int = 42
    n_clusters: int = 1
    short_clusters: ShortClusters = "fill"
    n_bins: int = 10
    max_margin: float = 6.0

    @property
    def uses_clusters(self) -> bool:
        """Whether the queries of a batch come from clusters."""
        return self.strategy != "random"


class IndexBatch(NamedTuple):
    """A batch by numbers.

    Parameters
    ----------
    query
        Numbers of the queries, all different; int64, ``(batch_size,)``.
    row
        A pair of each, a row of the pair store; int64, same shape.
    cluster
        Where the query was drawn from, -1 without clusters; int64, same shape.
    bin
        The margin bin that the pair was drawn from, 0 without bins; int64, same shape.
    """

    query: NDArray[np.int64]
    row: NDArray[np.int64]
    cluster: NDArray[np.int64]
    bin: NDArray[np.int64]

    def share(self, rank: int, world_size: int) -> "IndexBatch":
        """Return what one of several processes takes of the batch."""
        return IndexBatch(*(column[rank::world_size] for column in self))


class Sampler:
    """Draws batches by their numbers.

    A batch depends on the pairs, the clusters, the settings and its number alone: not
    on what was drawn before, nor on the number of workers or processes. So a run goes
    on exactly where it was from the number of batches drawn.

    Parameters
    ----------
    pairs
        See :func:`~tasb_pyserini.training.pairs.store.open_pairs`.
    sampling
        How to draw.
    clusters
        Query numbers of each cluster; not needed for ``random``. Queries without pairs
        are passed over.

    Raises
    ------
    TasbError
        If settings, pairs and clusters do not make a batch.
    """

    def __init__(
        self,
        pairs: "Pairs",
        sampling: Sampling,
        clusters: Sequence[NDArray[np.int64]] | None = None,
    ) -> None:
        if not 0 <= sampling.seed < 2**63:
            raise TasbError(f"seed {sampling.seed}: expected 0 to 2**63 - 1")
        self.sampling = sampling
        self.pool = _pool(pairs, sampling)
        self.queries = _queries(self.pool, sampling, clusters)

    def batch(self, number: int) -> IndexBatch:
        """Return the batch of a number, counted from 0."""
        key = np.array([self.sampling.seed, 1], dtype=np.uint64)
        # The counter's upper half is the batch's, its lower half counts draws.
        rng = np.random.Generator(np.random.Philox(key=key, counter=number << 128))
        query, cluster = self.queries.draw(number, rng)
        row, bin_ = draw_pairs(self.pool, query, rng)
        return IndexBatch(query, row, cluster, bin_)

    def fingerprint(self) -> str:
        """Return ``sha256:…`` of all that decides which batches are drawn."""
        digest = hashlib.sha256(json.dumps(asdict(self.sampling)).encode())
        digest.update(np.ascontiguousarray(self.pool.start).data)
        digest.update(self.pool.bounds.data)
        for group in self.queries.groups:
            digest.update(len(group).to_bytes(8, "little"))
            digest.update(np.ascontiguousarray(group).data)
        return f"sha256:{digest.hexdigest()}"


def _pool(pairs: "Pairs", sampling: Sampling) -> Pool:
    if sampling.strategy == "tas-balanced":
        return margin_bins(pairs, sampling.n_bins)
    if sampling.strategy == "hard-margin":
        return hard_pairs(pairs, sampling.max_margin)
    return whole_pool(pairs)


def _queries(
    pool: Pool, sampling: Sampling, clusters: Sequence[NDArray[np.int64]] | None
) -> DrawsQueries:
    offered = pool.sizes > 0
    if not sampling.uses_clusters:
        queries = np.flatnonzero(offered)
        return RandomQueries(queries, sampling.batch_size, sampling.seed)
    if clusters is None:
        raise TasbError(
            f"strategy {sampling.strategy}: expected clusters of the training queries "
            "('tasb cluster' makes them)"
        )
    kept = [cluster[offered[cluster]] for cluster in clusters]
    return ClusteredQueries(
        kept, sampling.batch_size, sampling.n_clusters, sampling.short_clusters
    )
