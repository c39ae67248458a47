"""``tasb fuse``: run files, fused into one."""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from tasb_pyserini.cli.arguments import add_json_argument, positive_int
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import check_files
from tasb_pyserini.formats.run_columns import read_run_columns
from tasb_pyserini.formats.write_columns import write_run_columns
from tasb_pyserini.search.fusion.columns import fuse_columns
from tasb_pyserini.search.fusion.fuse import lone_queries
from tasb_pyserini.search.fusion.methods import METHODS
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS
from tasb_pyserini.search.fusion.rule import MISSING, Fusion

METHODS_HELP = (
    "as in pyserini.fusion: rrf, reciprocal rank fusion; interpolation, alpha * first "
    "+ (1 - alpha) * second; average; normalize, the sum of min-max-normalised scores; "
    "a document that a run lacks counts 0. hybrid: the rule of the TCT-ColBERT and "
    "TAS-B papers and of Pyserini's HybridSearcher, alpha * first + second with the "
    "sparse run first; a document that a run lacks gets the run's lowest score for the "
    "query. convex: as interpolation, min-max-normalised and with the lowest score. "
    "sum: of scores times weights"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb fuse``, under Pyserini's names where it has them.

    What a method does by itself (`METHODS`) stays unless an argument is given.
    """
    parser.add_argument(
        "--runs", nargs="+", required=True, type=Path, help="TREC runs, sparse first"
    )
    parser.add_argument("--output", required=True, type=Path, help="TREC run to write")
    parser.add_argument("--method", choices=METHODS, default="rrf", help=METHODS_HELP)
    unset = argparse.SUPPRESS
    parser.add_argument(
        "--alpha",
        type=float,
        default=unset,
        help="weight of the first run: 0.1 in hybrid, else 0.5",
    )
    parser.add_argument(
        "--weights",
        nargs="+",
        type=float,
        default=unset,
        metavar="W",
        help="one per run, for sum, normalize and rrf (default: 1 each)",
    )
    parser.add_argument(
        "--normalization",
        dest="normalisation",
        choices=NORMALISATIONS,
        default=unset,
        help="of each list of hits before fusion: (s - min) / (max - min), (s - (min + "
        "max) / 2) / (max - min), (s - mean) / deviation or s / max; min-max in "
        "normalize and convex, else none",
    )
    parser.add_argument(
        "--missing",
        choices=MISSING,
        default=unset,
        help="what a document gets from a run that lacks it: minimum in hybrid and "
        "convex, else zero",
    )
    parser.add_argument(
        "--rrf.k", dest="rrf_k", type=int, default=60, help="what rrf adds to ranks"
    )
    parser.add_argument(
        "--depth",
        type=positive_int,
        default=1000,
        help="hits per query to use of each run",
    )
    parser.add_argument(
        "--k", type=positive_int, default=1000, help="hits per query of the fused run"
    )
    parser.add_argument(
        "--runtag", default=unset, help="last column (default: names the rule)"
    )
    parser.add_argument(
        "--resort",
        action="store_true",
        help="nothing to do: hits always go by their scores, never by their ranks",
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Fuse the runs, write the result and say which rule was used."""
    start = time.perf_counter()
    check_files([args.output], args.runs)
    fusion = _fusion(args)
    fusion.check_lists(len(args.runs))
    runs = [read_run_columns(path) for path in args.runs]
    lone = lone_queries([run.qids for run in runs])
    if lone:
        print(
            f"tasb fuse: queries that are not in every run: {lone:,}; they keep the "
            "hits of the others",
            file=sys.stderr,
        )
    fused = fuse_columns(runs, fusion, args.k, args.depth)
    tag = getattr(args, "runtag", fusion.tag)
    write_run_columns(args.output, fused, tag, fusion.decimals)
    report = {
        "output": str(args.output),
        "rule": fusion.tag,
        "runs": len(runs),
        "queries": len(fused),
        "queries_not_in_every_run": lone,
        "hits": sum(len(hits.docids) for hits in fused),
        "seconds": time.perf_counter() - start,
    }
    if args.json:
        print(json.dumps(report))
    else:
        print(f"{args.output}: {len(fused):,} queries, {fusion.tag}")
    return 0


def _fusion(args: argparse.Namespace) -> Fusion:
    """Return the method's rule, with what the arguments change of it."""
    names = ("alpha", "weights", "normalisation", "missing", "rrf_k")
    given = {name: getattr(args, name) for name in names if hasattr(args, name)}
    if args.method == "rrf" and "missing" in given:
        raise TasbError("--missing with rrf: expected none, since rrf looks at ranks")
    if "weights" in given:
        given["weights"] = tuple(given["weights"])
    return replace(METHODS[args.method], **given)
