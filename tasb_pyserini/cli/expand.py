"""``tasb expand``: passages with the queries predicted from them."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_json_argument,
    add_model_arguments,
    add_threads_argument,
    positive_int,
    share,
)
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.expansion.draw import MODEL, Sampling
from tasb_pyserini.indexing.expansion.keep import SHARE
from tasb_pyserini.indexing.lucene import build_lucene_index

if TYPE_CHECKING:
    from tasb_pyserini.indexing.expansion.expand import ExpandReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb expand``."""
    parser.add_argument("--collection", required=True, type=Path, help=COLLECTION_HELP)
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="DIR",
        help="folder to write; the same command again goes on where it stopped",
    )
    parser.add_argument(
        "--model",
        default=MODEL,
        metavar="DIR|HUB_ID",
        help="sequence-to-sequence checkpoint that predicts queries",
    )
    draw = Sampling()
    numbers = {
        "queries": (draw.queries, "queries per passage"),
        "top-k": (draw.top_k, "draw tokens among so many of the likeliest"),
        "max-length": (draw.max_length, "tokens of a query, at most"),
    }
    for name, (default, text) in numbers.items():
        parser.add_argument(
            f"--{name}", type=positive_int, default=default, metavar="N", help=text
        )
    parser.add_argument("--seed", type=int, default=draw.seed, help="seed of the draw")
    parser.add_argument(
        "--filter-teacher",
        metavar="DIR|HUB_ID",
        help="cross-encoder that scores the queries; only the best are appended",
    )
    parser.add_argument(
        "--keep",
        type=share,
        metavar="SHARE",
        help=f"of all queries, with --filter-teacher; without it, {SHARE:g}",
    )
    parser.add_argument(
        "--index", type=Path, metavar="DIR", help="also build a Lucene index here"
    )
    add_model_arguments(parser)
    parser.add_argument(
        "--shard-size",
        type=positive_int,
        metavar="N",
        help="passages in a shard; without it, 4096 on a GPU, 256 on a CPU",
    )
    add_threads_argument(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Expand the collection and say what was done."""
    if args.keep is not None and args.filter_teacher is None:
        raise TasbError("--keep is about a filter; expected --filter-teacher beside it")
    from tasb_pyserini.encoders.cross.encoder import CrossEncoder
    from tasb_pyserini.indexing.expansion.expand import (
        COLLECTION_FOLDER,
        expand_collection,
    )
    from tasb_pyserini.indexing.expansion.generator import QueryGenerator

    teacher = None
    if args.filter_teacher is not None:
        teacher = CrossEncoder.load(
            args.filter_teacher, device=args.device, precision=args.precision
        )
    report = expand_collection(
        args.collection,
        args.output,
        QueryGenerator.load(args.model, device=args.device, precision=args.precision),
        Sampling(
            queries=args.queries,
            top_k=args.top_k,
            max_length=args.max_length,
            seed=args.seed,
        ),
        teacher=teacher,
        keep=SHARE if args.keep is None else args.keep,
        shard_size=args.shard_size,
    )
    folder = args.output / COLLECTION_FOLDER
    if args.index is not None:
        build_lucene_index(folder, args.index, threads=args.threads, progress=True)
    if args.json:
        places = {"output": str(folder), "index": args.index and str(args.index)}
        print(json.dumps({**places, **dataclasses.asdict(report)}))
    else:
        print(f"{folder}: {_describe(report)}")
    return 0


def _describe(report: "ExpandReport") -> str:
    words = f"{report.passages:,} passages"
    if report.already:
        words += f", {report.already:,} of them before"
    words += f"; {report.queries:,} queries predicted, {report.kept:,} appended"
    if report.unexpanded:
        words += f"; {report.unexpanded:,} passages left as they were"
    if report.passages_per_second:
        words += f"; {report.passages_per_second:,.1f} passages a second"
    return words
