"""How ``tasb plot`` gets from files to figures."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tasb_pyserini.cli.measuring import check_distinct, evaluate_run, read_judged_run
from tasb_pyserini.evaluation.figures.alpha import draw_alpha
from tasb_pyserini.evaluation.figures.difference import (
    difference_table,
    draw_differences,
    query_differences,
)
from tasb_pyserini.evaluation.figures.latency import (
    Point,
    draw_latency,
    latency_table,
)
from tasb_pyserini.evaluation.figures.output import check_outputs, write_figure
from tasb_pyserini.evaluation.figures.points import read_points
from tasb_pyserini.evaluation.figures.recall import draw_recall, recall_curves
from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import read_qrels


def plot_recall(args: argparse.Namespace) -> None:
    """Draw recall at cutoffs."""
    check_outputs(args.output, [*args.runs, args.qrels])
    names = _names(args.runs, args.names)
    qrels = read_qrels(args.qrels)
    runs = {
        name: read_judged_run(path, qrels, args)
        for name, path in zip(names, args.runs, strict=True)
    }
    curves = recall_curves(
        runs, qrels, cutoffs=args.cutoffs, relevance_level=args.relevance_level
    )
    for name, run in runs.items():
        deepest = max(map(len, run.values()))
        if deepest < max(args.cutoffs):
            _say(
                f"{name}: no query has more than {deepest:,} hits, so its recall is "
                "the same at all cutoffs from there"
            )
    write_figure(args.output, curves.table(), partial(draw_recall, curves=curves))


def plot_queries(args: argparse.Namespace) -> None:
    """Draw the differences of two runs by query."""
    paths = [args.baseline, args.run]
    check_outputs(args.output, [*paths, args.qrels])
    baseline, run = _names(paths, args.names)
    measure = Measure.parse(args.measure)
    qrels = read_qrels(args.qrels)
    values = [evaluate_run(path, qrels, [measure], args)[measure] for path in paths]
    queries = query_differences(*values)
    draw = partial(
        draw_differences,
        queries=queries,
        baseline=baseline,
        run=run,
        measure=measure.at_level(args.relevance_level),
    )
    write_figure(args.output, difference_table(queries, baseline, run), draw)


def plot_latency(args: argparse.Namespace) -> None:
    """Draw quality against latency."""
    check_outputs(args.output, args.points)
    points: list[Point] = []
    for path in args.points:
        found, left_out = read_points(path, args.measure)
        points += found
        if left_out:
            _say(
                f"{path}: left out, since time or {args.measure} is not known: "
                f"{', '.join(left_out)}"
            )
    if not points:
        raise TasbError(f"{args.points[0]}: no systems; expected at least one to draw")
    draw = partial(draw_latency, points=points, measure=args.measure)
    write_figure(args.output, latency_table(points, args.measure), draw, size=(8, 5))


def plot_alpha(args: argparse.Namespace) -> None:
    """Draw a measure over alpha."""
    from tasb_pyserini.search.tuning.figure import alpha_curve
    from tasb_pyserini.search.tuning.tune import tune_runs

    check_outputs(args.output, [args.sparse, args.dense, args.qrels])
    measure = Measure.parse(args.measure)
    qrels = read_qrels(args.qrels)
    sparse, dense = (
        read_judged_run(path, qrels, args) for path in (args.sparse, args.dense)
    )
    tuning = tune_runs(
        sparse, dense, qrels, measure, relevance_level=args.relevance_level
    )
    name = measure.at_level(args.relevance_level)
    curve = alpha_curve(tuning, name, len(qrels))
    write_figure(args.output, curve.table(), partial(draw_alpha, curve=curve))


FIGURES: dict[str, Callable[[argparse.Namespace], None]] = {
    "recall": plot_recall,
    "queries": plot_queries,
    "latency": plot_latency,
    "alpha": plot_alpha,
}
"""Name on the command line → what draws it."""


def _names(paths: Sequence[Path], given: Sequence[str] | None) -> list[str]:
    """Return a name for each run: as given, else of its file, else its path."""
    check_distinct(paths)
    if given is None:
        names = [path.name for path in paths]
        return names if len(set(names)) == len(names) else list(map(str, paths))
    if len(set(given)) != len(given) or len(given) != len(paths):
        raise TasbError(
            f"--names {' '.join(given)}: expected {len(paths)} that differ, one a run"
        )
    return list(given)


def _say(note: str) -> None:
    print(f"tasb plot: {note}", file=sys.stderr)
