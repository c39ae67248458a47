"""Sparse search: BM25 on a Lucene index, by Anserini."""

from typing import Any

from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import ranked

K1, B = 0.9, 0.4
"""Anserini's BM25 parameters for every collection that was not tuned."""


def bm25_run(
    searcher: Any,
    topics: Topics,
    k: int,
    *,
    k1: float = K1,
    b: float = B,
    threads: int = 1,
) -> Run:
    """Search a Lucene index with BM25; ties are ordered as trec_eval orders them.

    Parameters
    ----------
    searcher
        Pyserini's ``LuceneSearcher``; see
        :func:`~tasb_pyserini.bindings.sparse.lucene_searcher`.
    topics
        Queries.
    k
        Hits a query.
    k1, b
        BM25's parameters. They are set whatever the index is: Pyserini's own commands
        choose others for some prebuilt names.
    threads
        Queries searched at the same time.
    """
    searcher.set_bm25(k1, b)
    qids = list(topics)
    hits = searcher.batch_search(list(topics.values()), qids, k=k, threads=threads)
    return {
        qid: dict(ranked({hit.docid: hit.score for hit in hits[qid]})) for qid in qids
    }
