"""``tasb train-teacher``: a cross-encoder or a ColBERT, from pairs."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import get_args

from tasb_pyserini.cli.recipes import add_recipe_arguments, recipe_of
from tasb_pyserini.cli.students import add_student_arguments, start_of
from tasb_pyserini.cli.training import (
    add_training_arguments,
    print_trained,
    read_as_told,
)
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.training.recipe import COMMANDS, Recipe
from tasb_pyserini.training.teachers.kind import STUDENT_ONLY, Kind, TeacherLoss
from tasb_pyserini.training.teachers.reads import Reads

USES = {"cat": "tasb score --teacher", "colbert": "tasb train --teacher"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb train-teacher``."""
    parser.add_argument(
        "kind", choices=get_args(Kind), help="pairwise BERT_CAT, or ColBERT"
    )
    add_training_arguments(parser, "teacher")
    parser.add_argument(
        "--loss",
        choices=get_args(TeacherLoss),
        help="contrastive is ColBERT's alone; without it, the recipe's, or margin-mse "
        "where the pairs have scores, else ranknet",
    )
    add_student_arguments(
        parser, "; or the folder of a teacher of the same kind, to go on from it"
    )
    left_out = (*STUDENT_ONLY, "pooling")
    add_recipe_arguments(parser, COMMANDS["train-teacher"], leave_out=left_out)


def run(args: argparse.Namespace) -> int:
    """Train and say where the teacher is."""
    recipe = recipe_of(args)  # its mistakes are told before PyTorch is loaded
    from tasb_pyserini.encoders.tokenizer import load_tokenizer
    from tasb_pyserini.training.train_teacher import train_teacher

    config = recipe.config()
    with _start_of(args, recipe) as (start, spec):
        data, clusters = read_as_told(args, load_tokenizer(start), spec)
        train_teacher(
            args.kind,
            config,
            data,
            start,
            args.output,
            loss=args.loss or recipe.loss,
            clusters=clusters,
            device=args.device,
            workers=args.workers,
            progress=True,
        )
    print_trained(args, f"use it in {USES[args.kind]} {args.output}")
    return 0


@contextmanager
def _start_of(
    args: argparse.Namespace, recipe: Recipe
) -> Iterator[tuple[Path, EncoderSpec]]:
    """Yield an encoder as `start_of`, or a teacher's folder, and what it reads.

    An encoder's own prefixes are not for BERT_CAT: ``tasb score`` adds none.
    """
    from tasb_pyserini.encoders.checkpoint import hash_weights
    from tasb_pyserini.training.teachers.start import find_kind, reads_in

    init = None if args.init is None else Path(parse_name(args.init).location)
    folder = None if init is None else init.expanduser()
    kind = None if folder is None else find_kind(folder)
    if folder is not None and kind is not None:
        reads = reads_in(folder) if kind == args.kind == "colbert" else Reads()
        spec = EncoderSpec(
            checkpoint=str(folder),
            weights=hash_weights(folder),
            query_prefix=reads.query_prefix,
            passage_prefix=reads.passage_prefix,
        )
        yield folder, recipe.spec(spec)
        return
    with start_of(args, recipe) as (start, spec):
        if args.kind == "cat":
            spec = replace(spec, query_prefix="", passage_prefix="")
        yield start, replace(spec, **recipe.encoder)
