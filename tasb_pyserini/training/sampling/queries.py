"""Which queries make up a batch."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError

Numbers = NDArray[np.int64]

ShortClusters = Literal["fill", "leave-out"]
"""What happens to a cluster that is too short for its share of a batch."""


class QueryBatch(NamedTuple):
    """The queries of one batch.

    Parameters
    ----------
    query
        All different; int64, ``(batch_size,)``.
    cluster
        Where each was drawn from, -1 without clusters; int64, ``(batch_size,)``.
    """

    query: Numbers
    cluster: Numbers


class DrawsQueries(Protocol):
    """Draws the queries of the batch with a given number, always the same ones."""

    def draw(self, number: int, rng: np.random.Generator) -> QueryBatch:
        """Return the queries of a batch; `rng` belongs to this batch alone."""

    @property
    def groups(self) -> Sequence[Numbers]:
        """All queries that can be drawn, by cluster where there are clusters."""


class RandomQueries:
    """Random queries, every one of them once an epoch (TAS-B paper, eq. 9).

    An epoch is a permutation of all queries, cut into batches; those left over, fewer
    than a batch, wait for the next permutation.

    Parameters
    ----------
    queries
        What to draw from.
    batch_size
        Queries a batch.
    seed
        At least 0.

    Raises
    ------
    TasbError
        If the queries do not fill a batch.
    """

    def __init__(self, queries: Numbers, batch_size: int, seed: int) -> None:
        check_enough(len(queries), batch_size)
        self.groups: Sequence[Numbers] = [queries]
        self.batch_size = batch_size
        self._seed = seed
        self._epoch, self._order = -1, queries[:0]

    def draw(self, number: int, rng: np.random.Generator) -> QueryBatch:
        """Return the queries of batch `number`; `rng` is not needed."""
        queries = self.groups[0]
        epoch, place = divmod(number, len(queries) // self.batch_size)
        if epoch != self._epoch:
            shuffle = np.random.default_rng([self._seed, 0, epoch])
            self._epoch, self._order = epoch, shuffle.permutation(queries)
        start = place * self.batch_size
        query = self._order[start : start + self.batch_size]
        return QueryBatch(query, np.full(self.batch_size, -1))


class ClusteredQueries:
    """Queries of one topic a batch: Topic Aware Sampling.

    ``fill`` is what the authors' code does and what the published model was trained
    with. Clusters are drawn with equal chances, whatever their sizes; each gives
    ``batch_size // n_clusters`` random queries, a cluster that has no more than these
    gives all of them in stored order, and further clusters are drawn until the batch is
    full; what the last one gives is cut. So batches of 256 from clusters of 200 mix
    two or more. One thing differs: the authors may draw a cluster again and so put a
    query into a batch twice; here it gives those of its queries that are not yet in the
    batch, and one that has none left isn't drawn.

    ``leave-out`` is eq. 11 and 13 read literally: `n_clusters` different clusters, the
    same number of queries from each. A cluster with fewer queries than that is never
    drawn.

    Parameters
    ----------
    clusters
        Queries of each cluster, in stored order; no query is in two.
    batch_size
        b, queries a batch.
    n_clusters
        n, clusters a batch; the authors have 1.
    short_clusters
        See above.

    Raises
    ------
    TasbError
        If no batch can be drawn.
    """

    def __init__(
        self,
        clusters: Sequence[Numbers],
        batch_size: int,
        n_clusters: int = 1,
        short_clusters: ShortClusters = "fill",
    ) -> None:
        if not 1 <= n_clusters <= batch_size:
            raise TasbError(
                f"{n_clusters} clusters a batch of {batch_size}: expected 1 to "
                f"{batch_size}"
            )
        self.batch_size = batch_size
        self.n_clusters = n_clusters
        self.short_clusters = short_clusters
        share = batch_size // n_clusters
        least = 1 if short_clusters == "fill" else share
        self.numbers = np.array(
            [i for i, cluster in enumerate(clusters) if len(cluster) >= least],
            dtype=np.int64,
        )
        self.groups: Sequence[Numbers] = [clusters[i] for i in self.numbers]
        if short_clusters == "fill":
            check_enough(sum(map(len, self.groups)), batch_size)
        else:
            self._check_clusters(share)

    def draw(self, number: int, rng: np.random.Generator) -> QueryBatch:
        """Return the queries of a batch, drawn by `rng` alone."""
        if self.short_clusters == "fill":
            return self._fill(rng)
        places = rng.choice(len(self.groups), self.n_clusters, replace=False)
        share = self.batch_size // self.n_clusters
        parts = [
            rng.choice(self.groups[place], share, replace=False) for place in places
        ]
        return QueryBatch(np.concatenate(parts), self.numbers[places].repeat(share))

    def _fill(self, rng: np.random.Generator) -> QueryBatch:
        share = self.batch_size // self.n_clusters
        room, parts, places = self.batch_size, [], []
        rest: dict[int, Numbers] = {}  # place of a cluster → its queries not yet taken
        used_up: list[int] = []
        while room:
            place = _draw_other(len(self.groups), used_up, rng)
            queries = rest.get(place, self.groups[place])
            if len(queries) <= share:
                part = queries[:room]
                used_up.append(place)
            else:
                chosen = rng.choice(len(queries), share, replace=False)
                part = queries[chosen][:room]
                rest[place] = np.delete(queries, chosen)
            parts.append(part)
            places.append(np.full(len(part), self.numbers[place]))
            room -= len(part)
        return QueryBatch(np.concatenate(parts), np.concatenate(places))

    def _check_clusters(self, share: int) -> None:
        if self.batch_size % self.n_clusters:
            raise TasbError(
                f"{self.n_clusters} clusters a batch of {self.batch_size}: expected a "
                "number that divides it where short clusters are left out"
            )
        if len(self.groups) < self.n_clusters:
            raise TasbError(
                f"{len(self.groups)} clusters have {share} or more queries; expected "
                f"{self.n_clusters} or more of them: lower the batch size, make fewer "
                "clusters, or fill batches from several"
            )


def check_enough(n: int, batch_size: int) -> None:
    """Refuse a batch size that the queries do not fill.

    Raises
    ------
    TasbError
        If `n` is below `batch_size`, or that below 1.
    """
    if batch_size < 1:
        raise TasbError(f"batch size {batch_size}: expected at least 1")
    if n < batch_size:
        raise TasbError(
            f"{n} training queries do not fill a batch of {batch_size}; "
            f"expected at least {batch_size}: lower the batch size"
        )


def _draw_other(n: int, left_out: list[int], rng: np.random.Generator) -> int:
    """Return one of the numbers 0 to n - 1 but those left out, with equal chances.

    The same distribution as drawing again and again until the number is none of those.
    """
    drawn = int(rng.integers(n - len(left_out)))
    for number in sorted(left_out):
        drawn += drawn >= number
    return drawn
