"""``tasb train``: a student by a recipe."""

import argparse
import sys
from pathlib import Path

from tasb_pyserini.cli.recipes import add_recipe_arguments, recipe_of
from tasb_pyserini.cli.students import add_student_arguments, start_of
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.training.curves import CURVES_FILE
from tasb_pyserini.training.data import read_training_data
from tasb_pyserini.training.record import read_result
from tasb_pyserini.training.sampling.numbers import read_numbered_clusters
from tasb_pyserini.training.tokens import token_cache
from tasb_pyserini.training.trainer import train
from tasb_pyserini.training.validation.prepare import open_validation_set


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb train``."""
    parser.add_argument(
        "--triples",
        "--pairs",
        required=True,
        type=Path,
        help="folder of pairs, or TSV file of qid, pos, neg",
    )
    parser.add_argument(
        "--collection", required=True, type=Path, help="passages, a file or a folder"
    )
    parser.add_argument("--topics", required=True, type=Path, help="training queries")
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        help="folder for the checkpoint; the same command goes on with a killed run",
    )
    parser.add_argument(
        "--clusters", type=Path, help="of 'tasb cluster', where the strategy needs them"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="DIR", help="ColBERT for in-batch scores"
    )
    parser.add_argument(
        "--validation", type=Path, metavar="DIR", help="of 'tasb make-validation'"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N")
    parser.add_argument(
        "--workers", type=int, default=0, help="processes that compose batches ahead"
    )
    add_student_arguments(parser)
    add_recipe_arguments(parser, "standalone")


def run(args: argparse.Namespace) -> int:
    """Train and say where the checkpoint is."""
    recipe = recipe_of(args)
    config = recipe.config()
    with start_of(args, recipe) as (start, spec):
        tokenizer = load_tokenizer(start)
        data = read_training_data(
            args.triples,
            args.topics,
            args.collection,
            tokenizer,
            spec,
            token_cache(),
            progress=True,
        )
        clusters = validation = None
        if args.clusters is not None:
            known = read_topics(args.topics)
            clusters = read_numbered_clusters(args.clusters, data.pairs.qids, known)
        if args.validation is not None:
            validation = open_validation_set(
                args.validation, data.passages, tokenizer, spec
            )
        train(
            config,
            data,
            start,
            args.output,
            clusters=clusters,
            teacher=args.teacher,
            validation=validation,
            device=args.device,
            workers=args.workers,
            progress=True,
        )
    if not (args.output / CURVES_FILE).is_file():
        print(f"no {CURVES_FILE}: matplotlib is not installed", file=sys.stderr)
    result = read_result(args.output)
    best = ""
    if result["best_validation"] is not None:
        best = f", nDCG@10 {result['best_validation']:.4f} at {result['best_step']:,}"
    print(
        f"{args.output}: loss {result['loss']:.4f} after {result['steps']:,} steps "
        f"({result['steps_per_second']:.2f} steps/s){best}; use it as "
        f"tasb:{args.output}"
    )
    return 0
