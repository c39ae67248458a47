"""``tasb pretrain``: an encoder from passages alone."""

import argparse
from dataclasses import asdict, fields
from pathlib import Path
from typing import get_args

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_device_argument,
    add_json_argument,
)
from tasb_pyserini.cli.sizes import add_size_arguments, refuse_size, size_of
from tasb_pyserini.cli.training import print_result
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.training.config import MixedPrecision
from tasb_pyserini.training.pretrain.config import Contrastive, PretrainingConfig
from tasb_pyserini.training.pretrain.new_encoder import NewEncoder
from tasb_pyserini.training.record import read_result

NEW = ("lsa", "random")

HELP = {
    "steps": "steps of masked language modelling; 0: none",
    "contrastive": "second stage: a sentence finds the rest of its passage (inverse "
    "cloze), or a title its body and a first half the second",
    "contrastive_steps": "steps of the second stage",
    "batch_size": "passages per batch",
    "learning_rate": "highest learning rate of Adam",
    "warmup_steps": "steps of each stage over which the learning rate rises",
    "max_length": "tokens; longer passages are read in parts",
    "mask_rate": "share of the tokens to predict",
    "mixed_precision": "of the transformer; losses are fp32",
    "seed": "of all that is random",
}
"""Settings of `PretrainingConfig`, in the order of ``--help``."""

CHOICES = {
    "contrastive": get_args(Contrastive),
    "mixed_precision": get_args(MixedPrecision),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb pretrain``."""
    parser.add_argument(
        "--corpus",
        required=True,
        nargs="+",
        type=Path,
        metavar="FILE",
        help=COLLECTION_HELP,
    )
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        help="folder for the checkpoint; the same command goes on with a killed run",
    )
    add_device_argument(parser)
    add_json_argument(parser)
    start, new = parser.add_argument_group("where it starts"), NewEncoder()
    start.add_argument(
        "--init",
        default=new.start,
        metavar="lsa|random|NAME|DIR",
        help="a new DistilBERT of the size below, with the weights of latent semantic "
        "analysis or random ones; or a DistilBERT checkpoint (a folder, a hub id)",
    )
    add_size_arguments(start, asdict(new))
    recipe, default = parser.add_argument_group("recipe"), PretrainingConfig()
    for name, text in HELP.items():
        value = getattr(default, name)
        recipe.add_argument(
            "--lr" if name == "learning_rate" else f"--{name.replace('_', '-')}",
            type=type(value),
            choices=CHOICES.get(name),
            default=value,
            dest=name,
            help=text,
        )


def run(args: argparse.Namespace) -> int:
    """Pre-train and say what came of it."""
    given = vars(args)
    settings = {one.name: given[one.name] for one in fields(PretrainingConfig)}
    config = PretrainingConfig(**settings)
    if args.init in NEW:
        size = size_of(args, asdict(NewEncoder()))
        init: Path | NewEncoder = NewEncoder(start=args.init, **size)
    else:
        refuse_size(args)
        init, _ = find_checkpoint(parse_name(args.init).location)
    from tasb_pyserini.training.pretrain.run import pretrain

    pretrain(args.corpus, args.output, config, init, device=args.device, progress=True)
    result = read_result(args.output)
    if args.json:
        print_result(args.output, result)
        return 0
    for stage in config.stages:
        of = result[stage]
        held_out = {
            name.removeprefix("held_out_").replace("_", " "): value
            for name, value in of.items()
            if name.startswith("held_out_")
        }
        shown = ", ".join(f"{name} {value:.4f}" for name, value in held_out.items())
        print(
            f"{args.output / stage}: {of['steps']:,} steps, "
            f"{of['tokens_per_second']:,} tokens/s; held out: {shown or 'nothing'}"
        )
    print(f"{args.output}: use it in tasb train --init {args.output}")
    return 0
