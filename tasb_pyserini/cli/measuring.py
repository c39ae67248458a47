"""What the measuring commands share: their arguments, and a run's values."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tasb_pyserini.evaluation.measures import (
    Measure,
    Values,
    describe_coverage,
    evaluate,
)
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.formats.runs import read_run


def add_measures_argument(parser: argparse.ArgumentParser, default: list[str]) -> None:
    """Declare ``--measures``."""
    parser.add_argument(
        "--measures",
        nargs="+",
        default=default,
        metavar="MEASURE",
        help="nDCG, RR, AP (MAP), R or P, with a cutoff such as nDCG@10",
    )


def add_relevance_level_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``-l``, under trec_eval's name."""
    parser.add_argument(
        "-l",
        "--relevance-level",
        type=int,
        default=1,
        metavar="N",
        help="lowest grade that counts as relevant, except in nDCG",
    )


def check_distinct(paths: Sequence[Path]) -> None:
    """Check that no run is given twice.

    Raises
    ------
    TasbError
        If one is, under whatever name.
    """
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise TasbError(f"{path}: given twice; expected each run once")
        seen.add(path.resolve())


def evaluate_run(
    path: Path, qrels: Qrels, measures: list[Measure], args: argparse.Namespace
) -> Values:
    """Return the values of a run's queries; say on stderr how many have no results.

    Raises
    ------
    TasbError
        If no document is relevant to a query, so that a measure is 0 for any run.
    """
    level = args.relevance_level
    if any(measure.name != "nDCG" for measure in measures) and level > 1:
        _refuse_no_relevant(qrels, level, name=str(args.qrels))
    hits = read_judged_run(path, qrels, args)
    return evaluate(hits, qrels, measures, relevance_level=level)


def _refuse_no_relevant(qrels: Qrels, level: int, name: str) -> None:
    """Raise an error where no grade reaches a relevance level.

    Raises
    ------
    TasbError
        If none does.
    """
    highest = max((max(of.values(), default=0) for of in qrels.values()), default=0)
    if highest < level:
        raise TasbError(
            f"{name}: no relevant passage for any of the {len(qrels):,} judged "
            f"queries; expected grades of at least {level}; the highest is {highest}"
        )


def read_judged_run(path: Path, qrels: Qrels, args: argparse.Namespace) -> Run:
    """Read a run; say on stderr how many judged queries have no results."""
    hits = read_run(path)
    coverage = describe_coverage(
        hits, qrels, run_name=str(path), qrels_name=str(args.qrels)
    )
    if coverage.without_results:
        print(
            f"tasb {args.command}: {path}: {coverage.without_results} of "
            f"{coverage.judged} judged queries have no results and count 0",
            file=sys.stderr,
        )
    return hits
