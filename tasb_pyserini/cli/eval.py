"""``tasb eval``: measures of runs against qrels."""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tasb_pyserini.evaluation.measures import (
    Measure,
    Values,
    describe_coverage,
    evaluate,
    mean,
)
from tasb_pyserini.formats.qrels import check_qids, read_qrels
from tasb_pyserini.formats.records import Qrels
from tasb_pyserini.formats.runs import read_run
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
    parser.add_argument(
        "--measures",
        nargs="+",
        default=MEASURES,
        metavar="MEASURE",
        help="nDCG, RR, AP (MAP), R or P, with a cutoff such as nDCG@10",
    )
    parser.add_argument(
        "-l",
        "--relevance-level",
        type=int,
        default=1,
        metavar="N",
        help="lowest grade that counts as relevant, except in nDCG",
    )
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
    results = {str(path): _evaluate(path, qrels, measures, args) for path in args.runs}
    if args.json:
        print(json.dumps(_report(results, args), indent=2, ensure_ascii=False))
    else:
        _print_tables(results, len(qrels), per_query=args.per_query)
    return 0


def _evaluate(
    path: Path, qrels: Qrels, measures: list[Measure], args: argparse.Namespace
) -> Values:
    hits = read_run(path)
    coverage = describe_coverage(
        hits, qrels, run_name=str(path), qrels_name=str(args.qrels)
    )
    if coverage.without_results:
        print(
            f"tasb eval: {path}: {coverage.without_results} of {coverage.judged} "
            "judged queries have no results and count 0",
            file=sys.stderr,
        )
    return evaluate(hits, qrels, measures, relevance_level=args.relevance_level)


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
                table.add_row(qid, *(f"{of[qid]:.4f}" for of in values.values()))
            table.title = name
            console.print(table)
    measures = next(iter(results.values()))
    table = _table("run", measures, "queries")
    for name, values in results.items():
        means = (f"{mean(of.values()):.4f}" for of in values.values())
        table.add_row(name, str(queries), *means)
    console.print(table)


def _table(first: str, values: Values, *more: str) -> Table:
    table = Table()
    table.add_column(first, overflow="fold")
    for name in (*more, *map(str, values)):
        table.add_column(name, justify="right", no_wrap=True)
    return table
