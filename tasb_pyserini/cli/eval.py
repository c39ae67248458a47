"""``tasb eval``: measures of runs against qrels."""

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tasb_pyserini.cli.measuring import (
    add_measures_argument,
    add_relevance_level_argument,
    evaluate_run,
)
from tasb_pyserini.evaluation.measures import (
    Measure,
    Values,
    mean,
)
from tasb_pyserini.formats.qrels import check_qids, read_qrels
from tasb_pyserini.formats.topics import read_topics

MEASURES = ["nDCG@10", "RR@10", "R@100", "R@1000", "MAP"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb eval``."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="TREC run")
    parser.add_argument("--qrels", required=True, type=Path, help="TREC or BEIR qrels")
    parser.add_argument(
        "--topics",
        type=Path,
        help="refuse qrels for queries that are not in this file",
    )
    add_measures_argument(parser, MEASURES)
    add_relevance_level_argument(parser)
    parser.add_argument(
        "--per-query", action="store_true", help="show each judged query as well"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, unrounded")


def run(args: argparse.Namespace) -> int:
    """Measure the runs and print a table, one row a run, or JSON."""
    measures = list(dict.fromkeys(map(Measure.parse, args.measures)))
    qrels = read_qrels(args.qrels)
    if args.topics is not None:
        check_qids(args.qrels, read_topics(args.topics))
    results = {
        str(path): evaluate_run(path, qrels, measures, args) for path in args.runs
    }
    if args.json:
        print(json.dumps(_report(results, args), indent=2, ensure_ascii=False))
    else:
        _print_tables(results, len(qrels), per_query=args.per_query)
    return 0


def _report(results: dict[str, Values], args: argparse.Namespace) -> dict[str, object]:
    runs: list[dict[str, object]] = []
    for name, values in results.items():
        means = {str(m): mean(of.values()) for m, of in values.items()}
        queries = len(next(iter(values.values())))
        entry: dict[str, object] = {"run": name, "queries": queries, "measures": means}
        if args.per_query:
            entry["per_query"] = {str(m): of for m, of in values.items()}
        runs.append(entry)
    level = args.relevance_level
    return {"qrels": str(args.qrels), "relevance_level": level, "runs": runs}


def _print_tables(results: dict[str, Values], queries: int, *, per_query: bool) -> None:
    console = Console()
    if per_query:
        for name, values in results.items():
            table = _table("qid", values)
            for qid in next(iter(values.values())):
                table.add_row(
                    escape(qid), *(f"{of[qid]:.4f}" for of in values.values())
                )
            table.title = escape(name)
            console.print(table)
    measures = next(iter(results.values()))
    table = _table("run", measures, "queries")
    for name, values in results.items():
        means = (f"{mean(of.values()):.4f}" for of in values.values())
        table.add_row(escape(name), str(queries), *means)
    console.print(table)


def _table(first: str, values: Values, *more: str) -> Table:
    table = Table()
    table.add_column(first, overflow="fold")
    for name in (*more, *map(str, values)):
        table.add_column(name, justify="right", no_wrap=True)
    return table
