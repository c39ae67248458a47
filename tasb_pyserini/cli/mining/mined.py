"""Triples drawn from hits: of a run, of BM25, of a dense index."""

import argparse
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from tasb_pyserini.cli.names import located, located_lucene
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Run, Topics, Triple
from tasb_pyserini.formats.runs import read_best_hits
from tasb_pyserini.formats.triples import write_triples
from tasb_pyserini.training.mining.blocks import search_blocks
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.mine import Hits, mine_triples, queries_to_mine
from tasb_pyserini.training.mining.passages import PassageKeys, UnknownPassage
from tasb_pyserini.training.mining.report import MiningReport
from tasb_pyserini.training.mining.unknown import unknown_passage


def write_mined(args: argparse.Namespace, source: str, report: MiningReport) -> None:
    """Write triples of the qrels' positives and the source's hits."""
    config = MiningConfig(
        negatives=args.negatives,
        depth=args.depth,
        skip=args.skip,
        seed=args.seed,
        relevance_level=args.relevance_level,
        with_replacement=args.with_replacement,
    )
    args.qrels = located(args.qrels, "qrels")
    qrels = read_qrels(args.qrels)
    topics = None if args.topics is None else load_topics(args.topics)
    wanted = queries_to_mine(qrels, config.relevance_level, topics)
    hits = hits_of(args, source, wanted, topics or {})
    keys = None
    if args.collection is not None:
        keys = PassageKeys.read(args.collection, progress=True)
    with tqdm(hits, total=len(wanted), unit=" queries") as counted:
        triples = mine_triples(
            counted, qrels, config, topics=topics, keys=keys, report=report
        )
        write_triples(args.output, _errors_named(triples, args, source))


def hits_of(
    args: argparse.Namespace, source: str, wanted: Collection[str], topics: Topics
) -> Hits:
    """Return the hits of the wanted queries, in their order.

    Of a run they are held in memory; an index is searched block by block.
    """
    if source == "run":
        run = read_best_hits(args.run, wanted, args.depth)
        return ((qid, run.get(qid, {})) for qid in wanted)
    queries = {qid: topics[qid] for qid in wanted}
    return _bm25_hits(args, queries) if source == "bm25" else _dense_hits(args, queries)


def _bm25_hits(args: argparse.Namespace, queries: Topics) -> Hits:
    from tasb_pyserini.search.sparse import bm25_run, open_lucene

    lucene = open_lucene(located_lucene(args.bm25))

    def search(topics: Topics) -> Run:
        return bm25_run(
            lucene, topics, args.depth, k1=args.k1, b=args.b, threads=args.threads
        )

    return search_blocks(search, queries)


def _dense_hits(args: argparse.Namespace, queries: Topics) -> Hits:
    from tasb_pyserini.encoders.encoder import Encoder
    from tasb_pyserini.search.dense import search_topics
    from tasb_pyserini.search.faiss_index import FaissIndex

    index = FaissIndex(located(args.dense, "faiss"))
    encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)

    def search(topics: Topics) -> Run:
        return search_topics(index, encoder, topics, args.depth, args.threads)

    return search_blocks(search, queries)


def _errors_named(
    triples: Iterable[Triple], args: argparse.Namespace, source: str
) -> Iterator[Triple]:
    try:
        yield from triples
    except UnknownPassage as error:
        raise unknown_passage(
            error.docid,
            args.collection,
            args.qrels,
            args.relevance_level,
            Path(getattr(args, source)),
        ) from error
