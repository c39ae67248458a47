"""How negatives are drawn, as arguments."""

import argparse

from tasb_pyserini.training.mining.config import MiningConfig


def add_draw_arguments(
    parser: argparse.ArgumentParser, *, depth: int, depth_help: str
) -> argparse._ArgumentGroup:
    """Declare depth, skip, number, seed and level; return their group."""
    draw = parser.add_argument_group("draw")
    draw.add_argument("--depth", type=int, default=depth, help=depth_help)
    draw.add_argument(
        "--skip", type=int, default=0, help="top ranks to take no negatives from"
    )
    draw.add_argument(
        "--negatives", type=int, default=10, help="negatives drawn per query"
    )
    draw.add_argument("--seed", type=int, default=42, help="seed of the draw")
    draw.add_argument(
        "-l",
        "--relevance-level",
        type=int,
        default=1,
        metavar="N",
        help="lowest grade of a positive",
    )
    return draw


def draw_of(args: argparse.Namespace) -> MiningConfig:
    """Return how negatives are drawn.

    Raises
    ------
    TasbError
        If a number is out of range.
    """
    return MiningConfig(
        negatives=args.negatives,
        depth=args.depth,
        skip=args.skip,
        seed=args.seed,
        relevance_level=args.relevance_level,
        with_replacement=args.with_replacement,
    )
