"""``tasb hybrid``: dense and sparse search, fused into one run."""

import argparse
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.cli.arguments import add_encoder_arguments, positive_int
from tasb_pyserini.cli.names import (
    FAISS_INDEX_HELP,
    LUCENE_INDEX_HELP,
    located,
    located_lucene,
)
from tasb_pyserini.cli.searching import (
    add_search_arguments,
    check_output,
    timed,
    watched,
)
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import write_runs
from tasb_pyserini.formats.topics import topic_blocks
from tasb_pyserini.search.dense import BLOCK, search_topics
from tasb_pyserini.search.faiss_index import FaissIndex
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.hybrid import ALPHA, fuse_sides, hybrid_fusion
from tasb_pyserini.search.sides import at_once, one_thread
from tasb_pyserini.search.sparse import (
    K1,
    B,
    bm25_run,
    check_bm25,
    is_brief,
    open_lucene,
)
from tasb_pyserini.search.tuned import Tuned

UNSAID = argparse.SUPPRESS
"""Keeps what was not said out of the arguments, so that ``--tuned`` may say it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb hybrid``."""
    parser.description = (
        "Search a Faiss and a Lucene index and fuse the hits: alpha "
        "times sparse plus dense, with a list's lowest score for documents that it "
        "lacks. BM25's parameters are always the ones said here, whatever the index."
    )
    parser.add_argument("--index", required=True, help=FAISS_INDEX_HELP)
    parser.add_argument("--encoder", default="tasb", help="tasb, tasb:FOLDER or hub id")
    add_encoder_arguments(parser)
    parser.add_argument("--sparse-index", required=True, help=LUCENE_INDEX_HELP)
    add_fusion_arguments(parser)
    add_search_arguments(parser)
    parser.add_argument(
        "--k",
        type=positive_int,
        default=UNSAID,
        help="hits of the fused run (default: as many as each side's --hits)",
    )


def add_fusion_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the parameters that ``--tuned`` may give instead, and ``--tuned``."""
    parser.add_argument(
        "--tuned",
        type=Path,
        default=UNSAID,
        metavar="FILE",
        help="JSON of 'tasb tune': alpha, normalisation, k1, b; not with the same "
        "said here",
    )
    parser.add_argument(
        "--alpha",
        type=float,
        default=UNSAID,
        help=f"weight of the sparse side (default: {ALPHA})",
    )
    parser.add_argument(
        "--normalization",
        action="store_true",
        default=UNSAID,
        help="map each side's scores to -0.5 … 0.5 first",
    )
    parser.add_argument(
        "--weight-on-dense",
        action="store_true",
        default=UNSAID,
        help="let alpha weight the dense side instead",
    )
    parser.add_argument(
        "--k1",
        type=float,
        default=UNSAID,
        help=f"BM25's k1 (default: {K1}); on msmarco-v1-passage.d2q-t5, 0.82 and b "
        "0.68 give the docT5query row of the TAS-B paper; Pyserini itself would take "
        "2.18 and 0.86 there, and 0.82 and 0.68 on msmarco-v1-passage",
    )
    parser.add_argument(
        "--b", type=float, default=UNSAID, help=f"BM25's b (default: {B})"
    )


def run(args: argparse.Namespace) -> int:
    """Search both sides for as many hits, and write the fused run."""
    fusion, k1, b, on_dense = parameters(args)
    check_bm25(k1, b)
    check_output(args, *filter(None, [getattr(args, "tuned", None)]))
    index = FaissIndex(located(args.index, "faiss"))
    topics = load_topics(args.topics)
    sparse_index = located_lucene(args.sparse_index)
    start_jvm(brief=is_brief(len(topics)))  # alone: it keeps stderr to itself
    with ThreadPoolExecutor(1) as loading:  # while Lucene opens the index
        loaded = loading.submit(
            Encoder.load, args.encoder, device=args.device, fp16=args.fp16
        )
        lucene = open_lucene(sparse_index, queries=len(topics))
    encoder = loaded.result()

    k = getattr(args, "k", args.hits)
    seconds = dict.fromkeys(("both", "dense", "sparse"), 0.0)

    def search(thread: ThreadPoolExecutor, block: Topics) -> Run:
        begin = time.perf_counter()
        (dense, dense_seconds), (sparse, sparse_seconds) = at_once(
            lambda: timed(
                lambda: search_topics(index, encoder, block, args.hits, args.threads)
            ),
            lambda: timed(
                lambda: bm25_run(
                    lucene, block, args.hits, k1=k1, b=b, threads=args.threads
                )
            ),
            thread,
            len(block),
        )
        fused = fuse_sides(sparse, dense, fusion, k, weight_on_dense=on_dense)
        seconds["both"] += time.perf_counter() - begin
        seconds["dense"] += dense_seconds
        seconds["sparse"] += sparse_seconds
        return fused

    tag = fusion.tag + ("-on-dense" if on_dense else "")
    with one_thread() as thread:
        runs = (search(thread, block) for block in topic_blocks(topics, BLOCK))
        write_runs(args.output, watched(runs, len(topics)), tag, fusion.decimals)
    report(args, len(topics), seconds)
    return 0


def parameters(args: argparse.Namespace) -> tuple[Fusion, float, float, bool]:
    """Return the rule, k1, b, and whether alpha weights the dense side.

    Raises
    ------
    TasbError
        If ``--tuned`` and the command line both say a parameter.
    """
    said = vars(args)
    if "tuned" not in said:
        fusion = hybrid_fusion(
            said.get("alpha", ALPHA), normalization=said.get("normalization", False)
        )
        on_dense = said.get("weight_on_dense", False)
        return fusion, said.get("k1", K1), said.get("b", B), on_dense
    tuned = Tuned.read(args.tuned)
    fixed = {"alpha": tuned.alpha, "normalization": tuned.normalisation}
    fixed |= {"weight_on_dense": False, "k1": tuned.k1, "b": tuned.b}
    for name, value in fixed.items():
        if name in said and value is not None:
            raise TasbError(
                f"--{name.replace('_', '-')} with --tuned {args.tuned}, which says it "
                "too; expected one of the two"
            )
    fusion = Fusion(
        method=tuned.method, alpha=tuned.alpha, normalisation=tuned.normalisation
    )
    k1 = said.get("k1", K1) if tuned.k1 is None else tuned.k1
    b = said.get("b", B) if tuned.b is None else tuned.b
    return fusion, k1, b, False


def report(
    args: argparse.Namespace, queries: int, seconds: Mapping[str, float]
) -> None:
    """Say how long a query took: in all, and on each side."""
    both, dense, sparse = (1000 * part / queries for part in seconds.values())
    if args.json:
        latency = {
            "ms_per_query": both,
            "ms_per_query_dense": dense,
            "ms_per_query_sparse": sparse,
        }
        print(json.dumps({"output": str(args.output), "queries": queries, **latency}))
        return
    print(
        f"{args.output}: {queries:,} queries, {both:.1f} ms each (dense {dense:.1f}, "
        f"sparse {sparse:.1f})"
    )
