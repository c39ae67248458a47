"""What ``tasb tune`` fuses: two runs, or two indexes that are searched."""

import argparse
import itertools
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasb_pyserini.cli.arguments import add_encoder_arguments, positive_int
from tasb_pyserini.cli.names import (
    FAISS_INDEX_HELP,
    LUCENE_INDEX_HELP,
    TOPICS_HELP,
    located,
    located_lucene,
)
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.search.dense import search_topics
from tasb_pyserini.search.faiss_index import FaissIndex
from tasb_pyserini.search.fusion.fuse import lone_queries
from tasb_pyserini.search.sparse import K1, B, bm25_run, check_bm25, open_lucene
from tasb_pyserini.search.tuning.candidates import Setting, Side
from tasb_pyserini.search.tuning.run_file import RunFile


def add_sides_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare runs, or indexes and how to search them."""
    parser.add_argument(
        "--runs",
        nargs=2,
        type=Path,
        metavar=("SPARSE", "DENSE"),
        help="TREC runs, in place of the indexes",
    )
    parser.add_argument("--index", help=FAISS_INDEX_HELP)
    parser.add_argument("--encoder", default="tasb", help="tasb, tasb:FOLDER or hub id")
    add_encoder_arguments(parser)
    parser.add_argument("--sparse-index", help=LUCENE_INDEX_HELP)
    parser.add_argument(
        "--k1",
        nargs="+",
        type=float,
        help=f"BM25's k1, or several to choose from (default: {K1})",
    )
    parser.add_argument(
        "--b", nargs="+", type=float, help=f"BM25's b, or several (default: {B})"
    )
    parser.add_argument(
        "--hits", type=positive_int, default=1000, help="hits per query of each index"
    )
    parser.add_argument("--topics", help=f"{TOPICS_HELP}; needed to search")


@dataclass(frozen=True, slots=True)
class Sides:
    """What is fused, before it is searched.

    Parameters
    ----------
    qids
        Queries that could be tuned on.
    search
        Takes those that are; returns the sparse side by its setting, and the dense one.
    settings
        Parameters of BM25 to choose from.
    """

    qids: Collection[str]
    search: Callable[[Topics], tuple[Callable[[Setting], Side], Side]]
    settings: list[Setting]


def open_sides(args: argparse.Namespace, topics: Topics | None) -> Sides:
    """Open what the arguments name.

    Raises
    ------
    TasbError
        If it is neither two runs nor two indexes and topics, or cannot be read.
    """
    indexes = (args.index, args.sparse_index)
    if args.runs and any((*indexes, args.k1, args.b)):
        raise TasbError(
            "--runs with --index, --sparse-index, --k1 or --b: expected either runs or "
            "indexes to search"
        )
    if args.runs:
        return _given(args, topics)
    if topics is None or not all(indexes):
        raise TasbError(
            "nothing to fuse: expected --runs SPARSE DENSE, or --index, --sparse-index "
            "and --topics"
        )
    return _searched(args, topics)


def describe_inputs(args: argparse.Namespace) -> dict[str, Any]:
    """Name the inputs, files with their hash."""
    sides: Mapping[str, Path | str]
    if args.runs:
        sides = dict(zip(("sparse", "dense"), args.runs, strict=True))
    else:
        sides = {"sparse": args.sparse_index, "dense": args.index}
    named = {"qrels": args.qrels, "topics": args.topics, **sides}
    found = {key: name for key, name in named.items() if name is not None}
    inputs: dict[str, Any] = {
        key: {
            "name": str(name),
            "sha256": file_sha256(Path(name)) if Path(name).is_file() else None,
        }
        for key, name in found.items()
    }
    return inputs if args.runs else inputs | {"encoder": {"name": args.encoder}}


def _given(args: argparse.Namespace, topics: Topics | None) -> Sides:
    sparse, dense = map(RunFile, args.runs)
    qids = list(dict.fromkeys(itertools.chain(sparse, dense)))
    lone = lone_queries([sparse, dense])
    if lone:
        print(
            f"tasb tune: queries that are not in both runs: {lone:,}; they are fused "
            "with an empty list",
            file=sys.stderr,
        )
    if topics is not None:
        qids = [qid for qid in topics if qid in sparse or qid in dense]
        if not qids:
            raise TasbError(
                f"{args.topics}: no query is in {args.runs[0]} or {args.runs[1]}; "
                "expected the topics of the runs"
            )
    return Sides(qids, lambda _: (lambda _: sparse, dense), [Setting()])


def _searched(args: argparse.Namespace, topics: Topics) -> Sides:
    grid = list(itertools.product(sorted(args.k1 or [K1]), sorted(args.b or [B])))
    for k1, b in grid:
        check_bm25(k1, b)
    index = FaissIndex(located(args.index, "faiss"))
    lucene = open_lucene(located_lucene(args.sparse_index))

    def search(sample: Topics) -> tuple[Callable[[Setting], Side], Side]:
        encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)
        dense = search_topics(index, encoder, sample, args.hits, args.threads)

        def search_sparse(setting: Setting) -> Side:
            assert setting.k1 is not None
            assert setting.b is not None
            return bm25_run(
                lucene,
                sample,
                args.hits,
                k1=setting.k1,
                b=setting.b,
                threads=args.threads,
            )

        return search_sparse, dense

    return Sides(topics, search, [Setting(k1, b) for k1, b in grid])
