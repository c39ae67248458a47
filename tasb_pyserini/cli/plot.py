"""``tasb plot``: figures from run files, with their numbers beside them."""

import argparse
from pathlib import Path

from tasb_pyserini.cli.arguments import positive_int
from tasb_pyserini.cli.help import add_step
from tasb_pyserini.cli.measuring import add_relevance_level_argument
from tasb_pyserini.cli.names import QRELS_HELP, located
from tasb_pyserini.cli.plotting import FIGURES
from tasb_pyserini.evaluation.figures.output import FORMATS
from tasb_pyserini.evaluation.figures.recall import CUTOFFS

MEASURE = "nDCG@10"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``tasb plot recall``, ``queries``, ``latency`` and ``alpha``."""
    parser.description = (
        "Draw figures from run files, as PNG, SVG or PDF. Each goes with a CSV of its "
        "numbers, under the same name."
    )
    figures = parser.add_subparsers(dest="figure", metavar="FIGURE", required=True)
    recall = add_step(figures, "recall", "recall at cutoffs, one line per run")
    recall.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="TREC run")
    recall.add_argument(
        "--cutoffs",
        nargs="+",
        type=positive_int,
        default=CUTOFFS,
        metavar="K",
        help="numbers of hits",
    )
    queries = add_step(figures, "queries", "gains and losses by query")
    _add_pair(queries, "baseline", "run")
    alpha = add_step(
        figures,
        "alpha",
        "a measure over alpha in hybrid search",
        "A measure of alpha * sparse + dense over alpha. The best alpha is best for "
        "these queries; to find one for others, use tasb tune.",
    )
    _add_pair(alpha, "sparse", "dense")
    for run_figure in (recall, queries, alpha):
        run_figure.add_argument("--qrels", required=True, help=QRELS_HELP)
        add_relevance_level_argument(run_figure)
    for named in (recall, queries):
        named.add_argument(
            "--names",
            nargs="+",
            metavar="NAME",
            help="of the runs, in their order; their files' unless told",
        )
    latency = add_step(figures, "latency", "quality against latency")
    latency.add_argument(
        "points",
        nargs="+",
        type=Path,
        metavar="POINTS",
        help="JSON from tasb pipeline --json, or CSV with the columns system, "
        "ms_per_query and measures",
    )
    for measured in (queries, latency, alpha):
        measured.add_argument("--measure", default=MEASURE, help="as in tasb eval")
    for figure in (recall, queries, latency, alpha):
        figure.add_argument(
            "--output",
            required=True,
            nargs="+",
            type=Path,
            metavar="FILE",
            help=f"pictures to write: {', '.join(FORMATS)}; numbers go to .csv",
        )


def _add_pair(parser: argparse.ArgumentParser, *runs: str) -> None:
    for name in runs:
        parser.add_argument(name, type=Path, metavar=name.upper(), help="TREC run")


def run(args: argparse.Namespace) -> int:
    """Draw the figure."""
    if "qrels" in args:
        args.qrels = located(args.qrels, "qrels")
    FIGURES[args.figure](args)
    return 0
