"""``tasb bm25``: index and search with Anserini."""

import argparse
import json
from pathlib import Path

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_json_argument,
    add_threads_argument,
)
from tasb_pyserini.cli.help import add_step
from tasb_pyserini.cli.names import LUCENE_INDEX_HELP, located_lucene
from tasb_pyserini.cli.searching import add_search_arguments, check_output, finish
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.indexing.lucene import build_lucene_index
from tasb_pyserini.search.sparse import K1, B, bm25_runs, check_bm25, open_lucene


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``tasb bm25 index`` and ``tasb bm25 search``."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    index = add_step(steps, "index", "build a Lucene index of a collection")
    index.add_argument(
        "--input",
        required=True,
        type=Path,
        help=COLLECTION_HELP,
    )
    index.add_argument("--index", required=True, type=Path, help="folder to write")
    add_threads_argument(index)
    add_json_argument(index)
    search = add_step(steps, "search", "search a Lucene index with BM25")
    search.add_argument("--index", required=True, help=LUCENE_INDEX_HELP)
    add_bm25_arguments(search)
    add_search_arguments(search)


def add_bm25_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare BM25's parameters."""
    parser.add_argument(
        "--k1",
        type=float,
        default=K1,
        help="BM25's k1, whatever the index; Pyserini itself would take 0.82 and b "
        "0.68 on msmarco-v1-passage, 2.18 and 0.86 on msmarco-v1-passage.d2q-t5",
    )
    parser.add_argument("--b", type=float, default=B, help="BM25's b")


def run(args: argparse.Namespace) -> int:
    """Index or search."""
    if args.step == "index":
        passages = build_lucene_index(
            args.input, args.index, threads=args.threads, progress=True
        )
        if args.json:
            print(json.dumps({"index": str(args.index), "passages": passages}))
        else:
            print(f"{args.index}: {passages:,} passages")
        return 0
    check_bm25(args.k1, args.b)
    check_output(args)
    topics = load_topics(args.topics)
    lucene = open_lucene(located_lucene(args.index), queries=len(topics))
    runs = bm25_runs(
        lucene, topics, args.hits, k1=args.k1, b=args.b, threads=args.threads
    )
    return finish(args, runs, len(topics), f"bm25-k1={args.k1:g}-b={args.b:g}")
