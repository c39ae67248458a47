"""Arguments of feedback, under Pyserini's names, and what they ask for."""

import argparse
from functools import partial

from tasb_pyserini.cli.arguments import count, finite, positive_int
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.dense import Index
from tasb_pyserini.search.prf.average import average
from tasb_pyserini.search.prf.rocchio import (
    ALPHA,
    BETA,
    BOTTOMK,
    GAMMA,
    TOPK,
    rocchio,
)
from tasb_pyserini.search.prf.stage import Feedback, FeedbackIndex


def add_prf_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of feedback, with Pyserini's defaults."""
    group = parser.add_argument_group(
        "pseudo-relevance feedback",
        "Search, move each query towards its best passages' vectors, search again.",
    )
    group.add_argument(
        "--prf-depth", type=count, default=0, help="passages that feed back; 0: none"
    )
    group.add_argument(
        "--prf-method",
        type=str.lower,
        choices=("avg", "rocchio"),
        default="avg",
        help="mean of query and passages, or weighted as below",
    )
    for name, default, what in (
        ("alpha", ALPHA, "weight of the query"),
        ("beta", BETA, "weight of the top passages"),
        ("gamma", GAMMA, "weight of the bottom passages"),
    ):
        group.add_argument(
            f"--rocchio-{name}", type=finite, metavar="X", default=default, help=what
        )
    group.add_argument(
        "--rocchio-topk",
        type=positive_int,
        metavar="N",
        default=TOPK,
        help="first passages, which count as relevant",
    )
    group.add_argument(
        "--rocchio-bottomk",
        type=count,
        metavar="N",
        default=BOTTOMK,
        help="last passages, which count as not relevant",
    )


def check_feedback(args: argparse.Namespace) -> None:
    """Check that a method of feedback comes with a depth.

    Raises
    ------
    TasbError
        If it doesn't: nothing would be fed back.
    """
    if args.prf_method != "avg" and not args.prf_depth:
        raise TasbError(
            f"--prf-method {args.prf_method} without --prf-depth: expected --prf-depth "
            "N, the number of passages that feed back"
        )


def with_feedback(index: Index, args: argparse.Namespace) -> Index:
    """Return the index, made to search with feedback where that is asked for."""
    if not args.prf_depth:
        return index
    return FeedbackIndex(index, args.prf_depth, feedback(args))


def feedback(args: argparse.Namespace) -> Feedback:
    """Return the method with its parameters."""
    if args.prf_method == "avg":
        return average
    return partial(
        rocchio,
        alpha=args.rocchio_alpha,
        beta=args.rocchio_beta,
        gamma=args.rocchio_gamma,
        topk=args.rocchio_topk,
        bottomk=args.rocchio_bottomk,
    )


def tag(args: argparse.Namespace) -> str:
    """Return one word that says what made the run."""
    if not args.prf_depth:
        return "tasb"
    words = ["tasb", args.prf_method, "prf", f"depth={args.prf_depth}"]
    if args.prf_method == "rocchio":
        words.append(f"alpha={args.rocchio_alpha:g}")
        words.append(f"beta={args.rocchio_beta:g}")
        words.append(f"topk={args.rocchio_topk}")
        if args.rocchio_bottomk:
            words.append(f"gamma={args.rocchio_gamma:g}")
            words.append(f"bottomk={args.rocchio_bottomk}")
    return "-".join(words)
