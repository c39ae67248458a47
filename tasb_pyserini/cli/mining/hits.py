"""Hits to mine: of a run, of BM25, of a dense index."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from tasb_pyserini.cli.names import located, located_lucene
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import read_best_hits
from tasb_pyserini.training.mining.blocks import search_blocks
from tasb_pyserini.training.mining.mine import Hits
from tasb_pyserini.training.mining.write import FindHits

if TYPE_CHECKING:
    from tasb_pyserini.encoders.encoder import Encoder


def hits_of_run(run: Path, depth: int) -> FindHits:
    """Find the hits in a run; they are held in memory."""

    def find(wanted: Collection[str], _: Topics) -> Hits:
        best = read_best_hits(run, wanted, depth)
        return ((qid, best.get(qid, {})) for qid in wanted)

    return find


def hits_of_bm25(
    index: str, depth: int, *, k1: float, b: float, threads: int
) -> FindHits:
    """Search a Lucene index, a path or a name, block by block."""

    def find(wanted: Collection[str], topics: Topics) -> Hits:
        from tasb_pyserini.search.sparse import bm25_run, open_lucene

        lucene = open_lucene(located_lucene(index))

        def search(queries: Topics) -> Run:
            return bm25_run(lucene, queries, depth, k1=k1, b=b, threads=threads)

        return search_blocks(search, {qid: topics[qid] for qid in wanted})

    return find


def hits_of_dense(
    index: str, load_encoder: Callable[[], "Encoder"], depth: int, *, threads: int
) -> FindHits:
    """Search a Faiss index, a path or a name, block by block."""

    def find(wanted: Collection[str], topics: Topics) -> Hits:
        from tasb_pyserini.search.dense import search_topics
        from tasb_pyserini.search.faiss_index import FaissIndex

        faiss, encoder = FaissIndex(located(index, "faiss")), load_encoder()

        def search(queries: Topics) -> Run:
            return search_topics(faiss, encoder, queries, depth, threads)

        return search_blocks(search, {qid: topics[qid] for qid in wanted})

    return find
