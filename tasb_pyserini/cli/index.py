"""``tasb index``: vector shards into an index."""

import argparse
import json
import time
from pathlib import Path

from tasb_pyserini.cli.arguments import (
    add_json_argument,
    add_threads_argument,
    memory_size,
    positive_int,
)
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.units import size_in_words
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.indexing.kinds.auto import choose
from tasb_pyserini.indexing.kinds.catalogue import KINDS
from tasb_pyserini.indexing.kinds.memory import half_of_memory
from tasb_pyserini.indexing.kinds.parameters import Parameters
from tasb_pyserini.indexing.shards import read_manifest, read_spec
from tasb_pyserini.search.faiss_index import faiss_threads

LUCENE_KINDS = ("lucene-flat", "lucene-hnsw", "lucene-json", "lucene-parquet")
"""Two indexes, and two forms of what Anserini's own indexers read."""

PARAMETERS = {
    "--M": ("links", "links of a passage, for hnsw, 2 to 512 (default: 64)"),
    "--efC": ("ef_construction", "candidates for its links, for hnsw (default: 256)"),
    "--nlist": ("nlist", "lists, for ivf and ivf-pq (default: by size)"),
    "--nprobe": ("nprobe", "lists that a query looks into (default: half)"),
    "--pq-m": ("pq_m", "4-bit codes, for pq and ivf-pq (default: dimension / 4)"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb index``."""
    parser.add_argument(
        "--input", required=True, type=Path, help="folder of 'tasb encode'"
    )
    parser.add_argument(
        "--output", required=True, type=Path, help="index directory, as Pyserini has it"
    )
    summaries = [f"{name} ({kind.summary})" for name, kind in KINDS.items()]
    parser.add_argument(
        "--kind",
        choices=[*KINDS, *LUCENE_KINDS, "auto"],
        default="flat",
        metavar="KIND",
        help=f"{'; '.join(summaries)}; {', '.join(LUCENE_KINDS)}; "
        "auto, the most exact one that fits (default: flat)",
    )
    parser.add_argument(
        "--memory",
        type=memory_size,
        metavar="SIZE",
        help="memory that a search may use, for auto: 8G (of 1024³ bytes) or 8GB (of "
        "10⁹); half of the machine's, or of the container's limit, unless told",
    )
    for option, (name, text) in PARAMETERS.items():
        parser.add_argument(
            option, dest=name, type=positive_int, metavar="N", help=text
        )
    add_threads_argument(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Build the index and say what it is."""
    if args.memory and args.kind != "auto":
        raise TasbError("--memory is for --kind auto; leave one of the two out")
    parameters = Parameters(
        **{name: getattr(args, name) for name, _ in PARAMETERS.values()}
    )
    kind, why = args.kind, "as asked for"
    if kind == "auto":
        passages = read_manifest(args.input).passages
        dimension = read_spec(args.input).dimension
        choice = choose(passages, dimension, args.memory or half_of_memory())
        kind, why = choice.kind, choice.why
        if not args.json:
            print(why, flush=True)
    begin = time.perf_counter()
    passages = build(args, kind, parameters)
    report = {
        "index": str(args.output),
        "passages": passages,
        "kind": kind,
        "bytes": sum(path.stat().st_size for path in args.output.rglob("*")),
        "seconds": round(time.perf_counter() - begin, 3),
        "why": why,
    }
    if args.json:
        print(json.dumps(report))
    else:
        size = size_in_words(int(report["bytes"]))
        print(f"{args.output}: {passages:,} passages, {kind}, {size}")
    return 0


def build(args: argparse.Namespace, kind: str, parameters: Parameters) -> int:
    """Build an index of a kind; return its number of passages."""
    if kind not in LUCENE_KINDS:
        with faiss_threads(args.threads):
            return build_index(args.input, args.output, kind, parameters, progress=True)
    said = [option for option, (name, _) in PARAMETERS.items() if getattr(args, name)]
    if said:
        raise TasbError(f"{said[0]} is for Faiss indexes; leave it out with {kind}")
    if kind in ("lucene-json", "lucene-parquet"):
        from tasb_pyserini.indexing.lucene_dense_corpus import write_dense_corpus

        return write_dense_corpus(args.input, args.output, kind)
    from tasb_pyserini.indexing.lucene_dense import build_lucene_dense

    return build_lucene_dense(
        args.input, args.output, kind, threads=args.threads, progress=True
    )
