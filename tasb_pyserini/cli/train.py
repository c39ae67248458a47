"""``tasb train``: a student from triples."""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import read_training_data
from tasb_pyserini.training.record import read_result
from tasb_pyserini.training.student import learn_vocabulary, new_student
from tasb_pyserini.training.tokens import token_cache
from tasb_pyserini.training.trainer import train


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb train``."""
    parser.add_argument(
        "--triples",
        required=True,
        type=Path,
        help="TSV file of qid, pos, neg, or a folder of pairs",
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
    student = parser.add_argument_group("student")
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
    student.add_argument(
        "--query-max-length", type=int, default=30, help="in tokens, specials included"
    )
    student.add_argument(
        "--passage-max-length", type=int, default=200, help="in tokens as well"
    )
    learning = parser.add_argument_group("learning")
    learning.add_argument("--steps", type=int, default=10_000, help="updates")
    learning.add_argument("--batch-size", type=int, default=32, help="queries a batch")
    learning.add_argument(
        "--lr",
        type=float,
        default=7e-6,
        help="highest learning rate; a new student needs about 5e-4",
    )
    learning.add_argument("--seed", type=int, default=42, help="of all that is random")
    learning.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N")
    learning.add_argument(
        "--mixed-precision", choices=["no", "bf16", "fp16"], default="no"
    )


def run(args: argparse.Namespace) -> int:
    """Train and say where the checkpoint is."""
    config = TrainingConfig(
        steps=args.steps,
        batch_size=args.batch_size,
        learning_rate=args.lr,
        mixed_precision=args.mixed_precision,
        seed=args.seed,
    )
    with tempfile.TemporaryDirectory() as scratch:
        start, spec = _start(args, Path(scratch) / "start")
        data = read_training_data(
            args.triples,
            args.topics,
            args.collection,
            load_tokenizer(start),
            spec,
            token_cache(),
            progress=True,
        )
        train(config, data, start, args.output, device=args.device, progress=True)
    result = read_result(args.output)
    print(
        f"{args.output}: loss {result['loss']:.4f} after {args.steps} steps "
        f"({result['steps_per_second']:.2f} steps/s); use it as tasb:{args.output}"
    )
    return 0


def _start(args: argparse.Namespace, scratch: Path) -> tuple[Path, EncoderSpec]:
    """Return the checkpoint to start from; a new one is made in `scratch`.

    The same texts and arguments make the same student, so that a killed run goes on.
    """
    if args.init is None:
        print("tasb train: learning a vocabulary", file=sys.stderr)
        texts = (passage.contents for passage in read_collection(args.collection))
        new_student(
            scratch,
            learn_vocabulary(texts, args.vocabulary),
            dimension=args.dimension,
            layers=args.layers,
            heads=args.heads,
            seed=args.seed,
        )
    location = str(scratch) if args.init is None else parse_name(args.init).location
    folder, spec = find_checkpoint(location)
    return folder, replace(
        spec,
        weights=hash_weights(folder),
        query_max_length=args.query_max_length,
        passage_max_length=args.passage_max_length,
    )
