"""``tasb score``: a teacher's scores of training pairs."""

import argparse
import dataclasses
import json
from pathlib import Path

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_json_argument,
    add_model_arguments,
    positive_int,
)
from tasb_pyserini.cli.names import TOPICS_HELP, located
from tasb_pyserini.formats.cache import cache_folder
from tasb_pyserini.training.teachers.reads import (
    PASSAGE_MAX_LENGTH,
    QUERY_MAX_LENGTH,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb score``."""
    parser.add_argument(
        "--teacher",
        required=True,
        metavar="DIR|HUB_ID",
        help="sequence-classification checkpoint with one label or two, or a ColBERT",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--pairs", type=Path, metavar="PAIRS", help="folder of pairs")
    source.add_argument(
        "--triples", type=Path, metavar="FILE", help="TSV file of qid, pos, neg"
    )
    parser.add_argument("--collection", required=True, type=Path, help=COLLECTION_HELP)
    parser.add_argument(
        "--topics", required=True, help=f"{TOPICS_HELP}: the queries of the pairs"
    )
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="PAIRS",
        help="folder for the scored pairs; the same command goes on with a killed run, "
        "another one is refused",
    )
    for text, default in (
        ("query", QUERY_MAX_LENGTH),
        ("passage", PASSAGE_MAX_LENGTH),
    ):
        parser.add_argument(
            f"--{text}-max-length",
            type=positive_int,
            default=default,
            metavar="N",
            help=f"tokens of a {text} that a ColBERT reads (default: {default})",
        )
    add_model_arguments(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Score the pairs and say what was done."""
    from tasb_pyserini.training.scoring.pairwise import load_teacher
    from tasb_pyserini.training.scoring.score import score_pairs

    teacher = load_teacher(
        args.teacher,
        query_max_length=args.query_max_length,
        passage_max_length=args.passage_max_length,
        device=args.device,
        precision=args.precision,
    )
    report = score_pairs(
        args.pairs or args.triples,
        located(args.topics, "topics"),
        args.collection,
        teacher,
        args.output,
        cache=cache_folder(),
    )
    if args.json:
        print(json.dumps({"output": str(args.output), **dataclasses.asdict(report)}))
    elif report.already == report.distinct and not report.pairs_per_second:
        print(f"{args.output}: {report.pairs:,} pairs, already there")
    else:
        before = f", {report.already:,} of them before" if report.already else ""
        print(
            f"{args.output}: {report.pairs:,} pairs; {report.distinct:,} distinct "
            f"(query, passage) scored{before}, {report.pairs_per_second:,.1f} a "
            f"second; {report.negative_margins:.1%} of margins negative"
        )
    return 0
