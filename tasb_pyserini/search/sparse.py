"""Sparse search: BM25 on a Lucene index, by Anserini."""

import math
from collections.abc import Iterator
from pathlib import Path

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.lucene_folder import LuceneFolder, refuse_without_texts
from tasb_pyserini.bindings.lucene_hits import LuceneHits
from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import ranked
from tasb_pyserini.formats.topics import topic_blocks

K1, B = 0.9, 0.4
"""Anserini's BM25 parameters for every collection that was not tuned."""

BLOCK = 256
"""Queries whose hits are in memory at a time; Lucene takes one after the other."""

FEW = 500
"""Queries up to which Java's faster compiler is worth more than its better one."""


def open_lucene(index: Path | str, queries: int | None = None) -> LuceneHits:
    """Open an index for `bm25_run`: a folder without Pyserini's help, else with it.

    Parameters
    ----------
    index
        As of :func:`~tasb_pyserini.bindings.sparse.lucene_searcher`.
    queries
        How many will be searched by this process, where that is known.

    Raises
    ------
    TasbError
        If there is no such index, or it holds no texts.
    """
    start_jvm(brief=queries is not None and is_brief(queries))
    local = Path(index).is_dir()
    searcher = LuceneFolder(index) if local else lucene_searcher(index)
    refuse_without_texts(index, searcher)
    return LuceneHits(searcher)


def is_brief(queries: int) -> bool:
    """Return whether so few queries are searched that Java should compile fast."""
    return queries <= FEW


def check_bm25(k1: float, b: float) -> None:
    """Raise an error unless they are parameters of BM25.

    Raises
    ------
    TasbError
        If k1 is negative or not finite, or b is not from 0 to 1.
    """
    if not (0 <= k1 < math.inf and 0 <= b <= 1):
        raise TasbError(
            f"BM25 with k1 {k1:g} and b {b:g}: expected k1 of at least 0, and b from 0 "
            "to 1"
        )


def bm25_run(
    lucene: LuceneHits,
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
    lucene
        From `open_lucene`, or on Pyserini's ``LuceneSearcher``.
    topics
        Queries.
    k
        Hits a query.
    k1, b
        BM25's parameters. They are set whatever the index is: Pyserini's own commands
        choose others for some prebuilt names.
    threads
        Queries searched at the same time.

    Raises
    ------
    TasbError
        As `check_bm25`.
    """
    check_bm25(k1, b)
    lucene.searcher.set_bm25(k1, b)
    hits = lucene.search(list(topics.values()), k, threads)
    return {qid: dict(ranked(found)) for qid, found in zip(topics, hits, strict=True)}


def bm25_runs(
    lucene: LuceneHits,
    topics: Topics,
    k: int,
    *,
    k1: float = K1,
    b: float = B,
    threads: int = 1,
) -> Iterator[Run]:
    """Yield the parts of `bm25_run`, of at most `BLOCK` queries each."""
    for block in topic_blocks(topics, BLOCK):
        yield bm25_run(lucene, block, k, k1=k1, b=b, threads=threads)
