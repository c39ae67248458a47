"""``tasb eval``: measures of runs against qrels."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from tasb_pyserini.cli.measuring import (
    add_measures_argument,
    add_relevance_level_argument,
    check_distinct,
    evaluate_run,
)
from tasb_pyserini.cli.names import QRELS_HELP, located
from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.evaluation.measures import (
    Measure,
    Values,
    query_mean,
)
from tasb_pyserini.evaluation.seeds import Spread, over_seeds
from tasb_pyserini.formats.qrels import check_qids, read_qrels

MEASURES = ["nDCG@10", "RR@10", "R@100", "R@1000", "MAP"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb eval``."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="TREC run")
    parser.add_argument("--qrels", required=True, help=QRELS_HELP)
    parser.add_argument(
        "--topics",
        help="refuse qrels for queries that are not in this file, or in those of this "
        "name",
    )
    add_measures_argument(parser, MEASURES)
    add_relevance_level_argument(parser)
    parser.add_argument(
        "--per-query", action="store_true", help="show each judged query as well"
    )
    parser.add_argument(
        "--seeds",
        action="store_true",
        help="the runs are of one system, from several seeds: show mean and deviation",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, unrounded")


def run(args: argparse.Namespace) -> int:
    """Measure the runs and print a table, one row a run, or JSON."""
    measures = list(dict.fromkeys(map(Measure.parse, args.measures)))
    if args.seeds:
        check_distinct(args.runs)
    args.qrels = located(args.qrels, "qrels")
    qrels = read_qrels(args.qrels)
    if args.topics is not None:
        check_qids(args.qrels, qrels, load_topics(args.topics))
    results = {
        str(path): evaluate_run(path, qrels, measures, args) for path in args.runs
    }
    spreads = _spreads(results) if args.seeds else {}
    if args.json:
        report = _report(results, spreads, args)
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        if args.per_query:
            _print_queries(results, args.relevance_level)
        _print_means(results, spreads, len(qrels), args.relevance_level)
    return 0


def _spreads(results: dict[str, Values]) -> dict[Measure, Spread]:
    return {
        measure: over_seeds([query_mean(of[measure]) for of in results.values()])
        for measure in next(iter(results.values()))
    }


def _report(
    results: dict[str, Values],
    spreads: dict[Measure, Spread],
    args: argparse.Namespace,
) -> dict[str, object]:
    runs: list[dict[str, object]] = []
    for name, values in results.items():
        means = {str(m): query_mean(of) for m, of in values.items()}
        queries = len(next(iter(values.values())))
        entry: dict[str, object] = {"run": name, "queries": queries, "measures": means}
        if args.per_query:
            entry["per_query"] = {str(m): of for m, of in values.items()}
        runs.append(entry)
    report = {
        "qrels": str(args.qrels),
        "relevance_level": args.relevance_level,
        "runs": runs,
    }
    if spreads:
        report["seeds"] = {str(m): asdict(spread) for m, spread in spreads.items()}
    return report


def _print_queries(results: dict[str, Values], level: int) -> None:
    for name, values in results.items():
        print(name)
        table = _table("qid", *(measure.at_level(level) for measure in values))
        for qid in next(iter(values.values())):
            table.add_row(escape(qid), *(f"{of[qid]:.4f}" for of in values.values()))
        print_table(table)


def _print_means(
    results: dict[str, Values],
    spreads: dict[Measure, Spread],
    queries: int,
    level: int,
) -> None:
    measures = next(iter(results.values()))
    names = (measure.at_level(level) for measure in measures)
    table = _table("run", "queries", *names)
    for name, values in results.items():
        means = (f"{query_mean(of):.4f}" for of in values.values())
        table.add_row(escape(name), str(queries), *means)
    if spreads:
        table.add_section()
        of = spreads.values()
        table.add_row("mean", "", *(f"{spread.mean:.4f}" for spread in of))
        table.add_row("deviation", "", *(f"{spread.deviation:.4f}" for spread in of))
    print_table(table)


def _table(first: str, *numbers: str) -> Table:
    table = Table()
    table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table
