"""``tasb compare``: whether runs differ by more than chance."""

import argparse
import csv
import json
import math
import sys
from dataclasses import asdict
from functools import partial
from itertools import combinations
from pathlib import Path

from tasb_pyserini.cli.arguments import add_json_argument, positive_int
from tasb_pyserini.cli.comparing import TESTS, Results, print_tables
from tasb_pyserini.cli.measuring import (
    add_measures_argument,
    add_relevance_level_argument,
    check_distinct,
    evaluate_run,
)
from tasb_pyserini.cli.names import QRELS_HELP, located
from tasb_pyserini.evaluation.compare import Comparison, compare
from tasb_pyserini.evaluation.correction import CORRECTIONS
from tasb_pyserini.evaluation.measures import (
    Measure,
    Values,
    query_mean,
)
from tasb_pyserini.evaluation.significance import randomisation_test, t_test
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.outputs import check_files
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.replace import replace_file

MEASURES = ["nDCG@10", "R@100"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb compare``."""
    parser.add_argument("baseline", type=Path, metavar="BASELINE", help="TREC run")
    parser.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help="TREC run to compare with it"
    )
    parser.add_argument("--qrels", required=True, help=QRELS_HELP)
    parser.add_argument(
        "--all-pairs",
        action="store_true",
        help="compare each run with all before it, not with the baseline alone",
    )
    add_measures_argument(parser, MEASURES)
    add_relevance_level_argument(parser)
    parser.add_argument(
        "--test", choices=TESTS, default="t", help="paired and two-sided, either"
    )
    parser.add_argument(
        "--correction",
        choices=CORRECTIONS,
        default="holm",
        help="of p for the number of comparisons on one measure",
    )
    parser.add_argument(
        "--alpha",
        type=float,
        default=0.05,
        help="significant up to this p; 1 less the confidence of the intervals",
    )
    parser.add_argument(
        "--permutations",
        type=positive_int,
        default=100_000,
        help="swaps tried by the randomisation test; all, if there are no more",
    )
    parser.add_argument(
        "--seed", type=int, default=42, help="of randomisation test and intervals"
    )
    parser.add_argument(
        "--per-query", type=Path, metavar="FILE", help="TSV to write, one row per query"
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Compare the runs and print a table for each measure, or JSON."""
    measures = list(dict.fromkeys(map(Measure.parse, args.measures)))
    paths = [args.baseline, *args.runs]
    check_distinct(paths)
    args.qrels = located(args.qrels, "qrels")
    check_files([args.per_query], [*paths, args.qrels])
    qrels = read_qrels(args.qrels)
    if len(qrels) < 2:
        raise InputError(args.qrels, None, "1 judged query", "2 or more to compare on")
    values = {str(path): evaluate_run(path, qrels, measures, args) for path in paths}
    results = _compare(values, measures, args)
    if args.per_query is not None:
        _write_queries(args.per_query, values)
    if args.json:
        report = _report(values, results, len(qrels), args)
        print(json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_tables(values, results, len(qrels), args)
    return 0


def _compare(
    values: dict[str, Values], measures: list[Measure], args: argparse.Namespace
) -> Results:
    baseline, *others = values
    pairs = list(combinations(values, 2)) if args.all_pairs else None
    randomisation = partial(
        randomisation_test, permutations=args.permutations, seed=args.seed
    )
    results = {
        measure: compare(
            {name: of[measure] for name, of in values.items()},
            pairs or [(baseline, other) for other in others],
            test=t_test if args.test == "t" else randomisation,
            correction=args.correction,
            alpha=args.alpha,
            seed=args.seed,
        )
        for measure in measures
    }
    for measure, comparisons in results.items():
        for found in comparisons:
            if math.isinf(found.statistic):
                print(
                    f"tasb compare: {found.run}: {measure} of every query differs from "
                    f"{found.baseline} by {found.difference:+.4f}; without spread the "
                    "t-test gives p = 0; --test randomisation needs none",
                    file=sys.stderr,
                )
    return results


def _write_queries(path: Path, values: dict[str, Values]) -> None:
    """Write measure, qid and the value of each run, unrounded."""
    with replace_file(path) as file:
        table = csv.writer(file, "excel-tab", lineterminator="\n")
        table.writerow(["measure", "qid", *values])
        runs = list(values.values())
        for measure, queries in runs[0].items():
            for qid in queries:
                table.writerow([measure, qid, *(of[measure][qid] for of in runs)])


def _report(
    values: dict[str, Values],
    results: Results,
    queries: int,
    args: argparse.Namespace,
) -> dict[str, object]:
    measures = {
        str(measure): {
            "means": {name: query_mean(of[measure]) for name, of in values.items()},
            "comparisons": [_entry(found, args.alpha) for found in comparisons],
        }
        for measure, comparisons in results.items()
    }
    return {
        "qrels": str(args.qrels),
        "relevance_level": args.relevance_level,
        "queries": queries,
        "test": TESTS[args.test],
        "permutations": args.permutations if args.test == "randomisation" else None,
        "correction": args.correction,
        "family": "the comparisons on one measure",
        "alpha": args.alpha,
        "interval": "bootstrap of the mean difference, BCa, not corrected",
        "seed": args.seed,
        "measures": measures,
    }


def _entry(found: Comparison, alpha: float) -> dict[str, object]:
    """Return a comparison for JSON, which has only finite numbers."""
    entry = {name: _finite(value) for name, value in asdict(found).items()}
    interval = [_finite(end) for end in found.interval]
    return entry | {
        "interval": interval,
        "significant": found.corrected_p <= alpha,
    }


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
