"""What the searching commands share: their arguments, and how they end."""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from tasb_pyserini.cli.arguments import (
    add_json_argument,
    add_threads_argument,
    positive_int,
)
from tasb_pyserini.cli.names import TOPICS_HELP
from tasb_pyserini.formats.outputs import check_files
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import write_runs
from tasb_pyserini.search.stopwatch import Stopwatch

MANY = 2_048
"""Queries from which on a bar shows how far a search is."""


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare topics, output, hits and threads, under Pyserini's names."""
    parser.add_argument("--topics", required=True, help=TOPICS_HELP)
    parser.add_argument("--output", required=True, type=Path, help="TREC run to write")
    parser.add_argument(
        "--hits", type=positive_int, default=1000, help="hits per query"
    )
    add_threads_argument(parser)
    add_json_argument(parser)


def check_output(args: argparse.Namespace, *inputs: str | Path) -> None:
    """Refuse, before a search, a run that could not or should not be written."""
    check_files([args.output], map(Path, [args.topics, *inputs]))


def timed(search: Callable[[], Run]) -> tuple[Run, float]:
    """Return a search's run and the seconds it took."""
    start = time.perf_counter()
    run = search()
    return run, time.perf_counter() - start


def watched(runs: Iterable[Run], queries: int) -> Iterator[Run]:
    """Yield the parts of a run of so many queries; a bar shows how far it is."""
    hidden = None if queries > MANY else True
    with tqdm(total=queries, unit=" queries", disable=hidden) as bar:
        for run in runs:
            bar.update(len(run))
            yield run
            del run  # or it would stay beside the next


def finish(
    args: argparse.Namespace, runs: Iterable[Run], queries: int, tag: str
) -> int:
    """Write the parts of a run as they are found, and say how long a query took."""
    clock = Stopwatch()
    write_runs(args.output, clock.watch(watched(runs, queries)), tag)
    milliseconds = 1000 * clock.seconds / max(1, queries)
    if args.json:
        report = {
            "output": str(args.output),
            "queries": queries,
            "ms_per_query": milliseconds,
        }
        print(json.dumps(report))
    else:
        print(f"{args.output}: {queries:,} queries, {milliseconds:.1f} ms each")
    return 0
