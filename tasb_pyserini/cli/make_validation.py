"""``tasb make-validation``: queries and candidates to validate on while training."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any, get_args

from rich.table import Table

from tasb_pyserini.cli.arguments import add_json_argument, positive_int
from tasb_pyserini.cli.names import QRELS_HELP, TOPICS_HELP, located
from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import read_best_hits
from tasb_pyserini.formats.same_text import find_overlap
from tasb_pyserini.training.validation.candidates import (
    Validation,
    check_validation_folder,
    write_validation,
)
from tasb_pyserini.training.validation.draw import Sample
from tasb_pyserini.training.validation.make import (
    ValidationConfig,
    find_usable,
    leave_out,
    make_validation,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb make-validation``."""
    parser.add_argument(
        "--run", required=True, type=Path, help="TREC run of a baseline over the topics"
    )
    parser.add_argument("--qrels", required=True, help=QRELS_HELP)
    parser.add_argument("--topics", required=True, help=TOPICS_HELP)
    parser.add_argument(
        "--exclude",
        nargs="+",
        default=[],
        metavar="TOPICS",
        help="test sets: leave out topics that are in one of them, by qid or by text",
    )
    parser.add_argument("--output", required=True, type=Path, help="folder to write")
    parser.add_argument(
        "--queries", type=positive_int, default=3_200, help="queries to draw, at most"
    )
    parser.add_argument(
        "--sample",
        choices=get_args(Sample),
        default="difficulty",
        help="difficulty: an equal share of five bins of the baseline's nDCG@10, as "
        "the authors' code; queries: all alike, as their paper says",
    )
    parser.add_argument(
        "--depth", type=positive_int, default=100, help="last rank of a candidate"
    )
    parser.add_argument("--seed", type=int, default=42, help="seed of the draw")
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Write the folder and print how it came about."""
    config = ValidationConfig(
        queries=args.queries, depth=args.depth, sample=args.sample, seed=args.seed
    )
    check_validation_folder(args.output)
    args.qrels = located(args.qrels, "qrels")
    qrels, topics = read_qrels(args.qrels), load_topics(args.topics)
    hits = read_best_hits(args.run, topics, config.depth)
    usable = find_usable(hits, qrels, topics)
    tests = {name: load_topics(name) for name in args.exclude}
    queries = {qid: topics[qid] for qid in usable.qids}
    usable = leave_out(usable, find_overlap(queries, tests))
    made = make_validation(hits, qrels, topics, usable, config)
    sources = {
        "run": str(args.run),
        "qrels": str(args.qrels),
        "topics": args.topics,
        "exclude": args.exclude,
    }
    made = dataclasses.replace(made, about={**sources, **made.about})
    write_validation(args.output, made)
    _print(args, made)
    return 0


def _print(args: argparse.Namespace, made: Validation) -> None:
    queries = len(made.topics)
    candidates = sum(map(len, made.candidates.values()))
    about = made.about
    if args.json:
        counts = {"output": str(args.output), "queries": queries}
        print(json.dumps(counts | {"candidates": candidates} | about))
        return
    asked = "" if queries == args.queries else f" of {args.queries:,} asked for"
    dropped = about["dropped"]
    print(
        f"{args.output}: {queries:,} queries{asked}, {candidates:,} candidates, "
        f"baseline {about['measure']} {about['baseline']:.4f}"
    )
    print(
        f"positives added that the baseline missed: {about['positives_added']:,}; "
        f"queries dropped: {dropped['without_positive']:,} without a positive, "
        f"{dropped['without_hits']:,} without hits, "
        f"{dropped['in_test_sets']:,} in test sets"
    )
    print_table(_bins_table(about["measure"], about["bins"]))


def _bins_table(measure: str, bins: list[dict[str, Any]]) -> Table:
    table = Table()
    for name in (f"baseline {measure}", "queries", "taken"):
        table.add_column(name, justify="right")
    for group in bins:
        limits = f"{group['from']:.2f} to {group['to']:.2f}"
        table.add_row(limits, f"{group['queries']:,}", f"{group['taken']:,}")
    return table
