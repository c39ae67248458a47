"""``tasb train``: a student by a recipe."""

import argparse
from pathlib import Path

from tasb_pyserini.cli.recipes import add_recipe_arguments, recipe_of
from tasb_pyserini.cli.students import add_student_arguments, start_of
from tasb_pyserini.cli.training import (
    add_training_arguments,
    print_trained,
    read_as_told,
)
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.training.recipe import COMMANDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb train``."""
    add_training_arguments(parser, "checkpoint")
    parser.add_argument(
        "--teacher",
        type=Path,
        metavar="DIR",
        help="ColBERT for in-batch scores, where the in-batch loss has any",
    )
    parser.add_argument(
        "--validation", type=Path, metavar="DIR", help="of 'tasb make-validation'"
    )
    add_student_arguments(
        parser,
        "; or the folder of a ColBERT, whose transformer it takes, and whose prefixes "
        "where the recipe has none",
    )
    add_recipe_arguments(parser, COMMANDS["train"])


def run(args: argparse.Namespace) -> int:
    """Train and say where the checkpoint is."""
    recipe = recipe_of(args)  # its mistakes are told before PyTorch is loaded
    from tasb_pyserini.training.trainer import train
    from tasb_pyserini.training.validation.prepare import open_validation_set

    config = recipe.config()
    with start_of(args, recipe) as (start, spec):
        tokenizer = load_tokenizer(start)
        data, clusters = read_as_told(args, tokenizer, spec)
        validation = None
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
    print_trained(args, f"use it as tasb:{args.output}")
    return 0
