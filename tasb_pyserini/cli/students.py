"""The checkpoint that training starts from, as arguments."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.training.recipe import Recipe
from tasb_pyserini.training.student import learn_vocabulary, new_student


def add_student_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--init``, and the size of a student that starts from nothing."""
    student = parser.add_argument_group("where it starts")
    student.add_argument(
        "--init",
        metavar="NAME|DIR",
        help="checkpoint to start from (tasb, a folder, a hub id); without it, a new "
        "DistilBERT of the size below",
    )
    student.add_argument("--layers", type=int, default=3, help="transformer layers")
    student.add_argument("--dimension", type=int, default=256, help="of the vectors")
    student.add_argument("--heads", type=int, default=4, help="attention heads a layer")
    student.add_argument(
        "--vocabulary",
        type=int,
        default=8000,
        help="word pieces to learn from the collection",
    )


@contextmanager
def start_of(
    args: argparse.Namespace, recipe: Recipe
) -> Iterator[tuple[Path, EncoderSpec]]:
    """Yield the checkpoint to start from, and what it is to become.

    A new one is made in a temporary folder. The same texts and arguments make the same
    student, so that a killed run goes on.
    """
    with TemporaryDirectory() as scratch:
        location = str(Path(scratch) / "start")
        if args.init is None:
            print(f"tasb {args.command}: learning a vocabulary", file=sys.stderr)
            texts = (passage.contents for passage in read_collection(args.collection))
            new_student(
                Path(location),
                learn_vocabulary(texts, args.vocabulary),
                dimension=args.dimension,
                layers=args.layers,
                heads=args.heads,
                seed=recipe.config().seed,
            )
        else:
            location = parse_name(args.init).location
        folder, spec = find_checkpoint(location)
        yield folder, recipe.spec(replace(spec, weights=hash_weights(folder)))
