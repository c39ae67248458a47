"""``tasb mine``: training triples from a run and qrels."""

import argparse
import dataclasses
import json
from pathlib import Path

from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.formats.triples import write_triples
from tasb_pyserini.training.mine import MiningReport, mine_triples


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb mine``."""
    parser.add_argument("--run", required=True, type=Path, help="TREC run")
    parser.add_argument("--qrels", required=True, type=Path, help="TREC or BEIR qrels")
    parser.add_argument(
        "--output", required=True, type=Path, help="TSV file of qid, pos, neg"
    )
    parser.add_argument(
        "--depth", type=int, default=100, help="last rank to take negatives from"
    )
    parser.add_argument(
        "--skip", type=int, default=0, help="top ranks to take no negatives from"
    )
    parser.add_argument(
        "--negatives", type=int, default=10, help="negatives drawn for a query"
    )
    parser.add_argument("--seed", type=int, default=42, help="seed of the draw")
    parser.add_argument(
        "-l",
        "--relevance-level",
        type=int,
        default=1,
        metavar="N",
        help="lowest grade of a positive",
    )
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")


def run(args: argparse.Namespace) -> int:
    """Write the triples and print what became of the queries."""
    report = MiningReport()
    triples = mine_triples(
        read_run(args.run),
        read_qrels(args.qrels),
        negatives_per_query=args.negatives,
        depth=args.depth,
        skip=args.skip,
        seed=args.seed,
        relevance_level=args.relevance_level,
        report=report,
    )
    write_triples(args.output, triples)
    if args.json:
        print(json.dumps(dataclasses.asdict(report)))
    else:
        print(
            f"{args.output}: {report.triples} triples from {report.queries} judged "
            f"queries; dropped: {report.without_positive} without a positive, "
            f"{report.not_in_run} not in the run, {report.without_negative} without "
            "a negative"
        )
    return 0
