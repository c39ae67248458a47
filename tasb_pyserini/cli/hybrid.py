"""``tasb hybrid``: dense and sparse search, fused into one run."""

import argparse
from pathlib import Path

from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.cli.arguments import add_encoder_arguments
from tasb_pyserini.cli.bm25 import add_bm25_arguments, search_as_told
from tasb_pyserini.cli.searching import add_search_arguments, finish, timed
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.records import Run
from tasb_pyserini.search.dense import FaissIndex, search_topics
from tasb_pyserini.search.fusion import interpolate_runs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb hybrid``."""
    parser.add_argument(
        "--index", required=True, type=Path, help="Faiss index directory"
    )
    parser.add_argument("--encoder", default="tasb", help="tasb, tasb:FOLDER or hub id")
    add_encoder_arguments(parser)
    parser.add_argument(
        "--sparse-index",
        required=True,
        help="Lucene index, or a prebuilt one of Pyserini",
    )
    parser.add_argument(
        "--alpha", type=float, default=0.1, help="weight of the sparse side"
    )
    add_bm25_arguments(parser)
    add_search_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Search both sides for as many hits, and write the fused run."""
    index = FaissIndex(args.index)
    topics = load_topics(args.topics)
    searcher = lucene_searcher(args.sparse_index)
    encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)

    def search() -> Run:
        dense = search_topics(index, encoder, topics, args.hits, args.threads)
        sparse = search_as_told(args, searcher, topics)
        return interpolate_runs(sparse, dense, args.alpha, args.hits)

    results, seconds = timed(search)
    return finish(args, results, seconds, tag=f"hybrid-alpha={args.alpha:g}")
