"""Hits of many queries, searched block by block."""

from array import array
from collections.abc import Callable, Iterator

from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.topics import topic_blocks

QUERIES_AT_ONCE = 1_000
"""Queries whose hits are in memory."""


def search_blocks(
    search: Callable[[Topics], Run], topics: Topics, size: int = QUERIES_AT_ONCE
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield ``(qid, hits)`` of all topics; only a block of them is searched at a time.

    Scores are those that a run file would hold, so that mining on the spot draws what
    mining from the written run draws.

    Parameters
    ----------
    search
        Returns the run of some topics, to any depth; BM25 or dense.
    topics
        Queries.
    size
        Queries a block.
    """
    for block in topic_blocks(topics, size):
        for qid, hits in search(block).items():
            scores = (float(f"{score:.6f}") for score in array("f", hits.values()))
            yield qid, dict(zip(hits, scores, strict=True))
