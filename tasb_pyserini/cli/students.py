"""The checkpoint that training starts from, as arguments."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tasb_pyserini.cli.sizes import add_size_arguments, refuse_size, size_of
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.training.recipe import Recipe
from tasb_pyserini.training.spread import MOST_TEXTS, spread_texts

SIZE = {"layers": 3, "dimension": 256, "heads": 4, "vocabulary": 8000}
"""Of a student that starts from nothing."""


def add_student_arguments(parser: argparse.ArgumentParser, also: str = "") -> None:
    """Declare ``--init``, and the size of a student that starts from nothing.

    Parameters
    ----------
    parser
        Of the command.
    also
        What else ``--init`` takes.
    """
    student = parser.add_argument_group("where it starts")
    student.add_argument(
        "--init",
        metavar="NAME|DIR",
        help=f"checkpoint to start from (tasb, a folder, a hub id{also}); without it, "
        "a new DistilBERT of the size below, which begins as latent semantic analysis "
        f"of at most {MOST_TEXTS:,} passages, evenly spread over the collection",
    )
    add_size_arguments(student, SIZE)


@contextmanager
def start_of(
    args: argparse.Namespace, recipe: Recipe
) -> Iterator[tuple[Path, EncoderSpec]]:
    """Yield the checkpoint to start from, and what it is to become.

    A new one is made in a temporary folder, its vocabulary and its weights from the
    same sample of the collection, or from a ColBERT's. The same texts and arguments
    make the same student, so that a killed run goes on.

    Raises
    ------
    TasbError
        If a size is given beside ``--init``, or there is no such checkpoint.
    """
    if args.init is not None:
        refuse_size(args)
    size = size_of(args, SIZE)
    from tasb_pyserini.training.spectral import spectral_student
    from tasb_pyserini.training.student import learn_vocabulary
    from tasb_pyserini.training.teachers.start import find_kind, write_student

    with TemporaryDirectory() as scratch:
        location = str(Path(scratch) / "start")
        if args.init is None:
            texts = spread_texts(p.contents for p in read_collection(args.collection))
            print(
                f"tasb {args.command}: learning a vocabulary and a start from "
                f"{len(texts):,} passages",
                file=sys.stderr,
            )
            spectral_student(
                Path(location),
                learn_vocabulary(texts, size.pop("vocabulary")),
                texts,
                **size,
                seed=recipe.config().seed,
            )
        else:
            start = parse_name(args.init).location
            colbert = Path(start).expanduser()
            if find_kind(colbert) == "colbert":
                write_student(colbert, Path(location))
            else:
                location = start
        folder, spec = find_checkpoint(location)
        yield folder, recipe.spec(spec)
