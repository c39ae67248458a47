"""Queries with vectors of two kinds: by a small checkpoint, and at known places."""

import numpy as np

from tasb_pyserini.formats.records import Topics
from tasb_pyserini.training.clusters.queries import QueryClusters

WORDS = ["the", "of", "copy", "tree", "dense", "retrieval", "query", "word", "cafe"]


def make_topics(n: int) -> Topics:
    """Return `n` queries of 1 to 8 words, all different."""
    rng = np.random.default_rng(3)
    return {
        f"q{number}": " ".join([*rng.choice(WORDS, rng.integers(1, 8)), str(number)])
        for number in range(n)
    }


def placed_clusters(sizes: list[int], dim: int = 12) -> QueryClusters:
    """Return clusters far from each other; each one's first query is at its middle."""
    rng = np.random.default_rng(9)
    vectors, clusters, start = [], [], 0
    for number, size in enumerate(sizes):
        noise = rng.normal(0, 1, (size, dim))
        noise[:1] = 0
        noise[1:] -= noise[1:].mean(axis=0) if size > 1 else 0
        vectors.append(20 * np.eye(dim)[number % dim] + noise)
        clusters.append(np.arange(start, start + size))
        start += size
    topics = {
        f"q{position}": f"query {position} of cluster {number}, it costs $5 or $6"
        for number, members in enumerate(clusters)
        for position in members
    }
    return QueryClusters(
        topics, np.concatenate(vectors).astype(np.float32), clusters, {}
    )
