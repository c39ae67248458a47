"""``tasb pipeline``: retrieve, fuse and rerank as one YAML file says."""

import argparse
import json
from pathlib import Path
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.table import Table

from tasb_pyserini.cli.arguments import (
    add_device_argument,
    add_json_argument,
    add_threads_argument,
)
from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.search.pipeline.results import Row, headings, write_table

EXAMPLE = """
FILE.yaml, with paths from its own folder; 'tasb prebuilt get NAME' prints the path of
what has a name:

  topics: topics.tsv              # or a name that Pyserini knows
  qrels: qrels.txt                # a path; without it, nothing is measured
  measures: [nDCG@10, RR@10, R@1000]
  relevance_level: 1              # 2 for RR and R in TREC-DL
  stages:
    - bm25: {index: lucene, k1: 0.9, b: 0.4, hits: 1000}   # or a name of Pyserini's
    - dense: {index: faiss, encoder: tasb, hits: 1000}
    - fuse: {of: [bm25, dense], method: hybrid, alpha: 0.1}   # or tuned: FILE.json
    - rerank: {monot5: castorini/monot5-base-msmarco, depth: 1000, index: lucene}
    - rerank: {duot5: castorini/duot5-base-msmarco, depth: 50, index: lucene}

A stage is known by its 'name', else by its kind (a rerank by its model). A rerank
reads the stage above it, unless it says 'of', and its texts from a collection, index
or dataset. Runs are DIR/1-bm25.txt, DIR/2-dense.txt, ...; a stage whose run is there,
made from the same, is not run again. Times are wall-clock, without the loading of
indexes, models and texts, and behind a first query to warm up; 'in all' adds up the
stages that a run builds on.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb pipeline``."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLE
    parser.add_argument("file", type=Path, metavar="FILE.yaml", help="see below")
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="DIR",
        help="folder for runs and table.tsv; the same command goes on with a killed "
        "run",
    )
    add_device_argument(parser)
    add_threads_argument(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Run the stages, write the table and print it."""
    from tasb_pyserini.search.pipeline.read import read_pipeline
    from tasb_pyserini.search.pipeline.run import run_pipeline
    from tasb_pyserini.search.pipeline.stage_runs import Machine

    pipeline = read_pipeline(args.file)
    machine = Machine(device=args.device, threads=args.threads, progress=True)
    rows = run_pipeline(pipeline, args.output, machine)
    write_table(args.output / "table.tsv", rows)
    if args.json:
        stages = [_report(row) for row in rows]
        queries = len(pipeline.topics)
        report = {"output": str(args.output), "queries": queries, "stages": stages}
        print(json.dumps(report))
    else:
        _print(rows)
    return 0


def _report(row: Row) -> dict[str, object]:
    return {
        "run": str(row.run),
        "retrieval": row.retrieval,
        "reranking": row.reranking,
        "depths": row.depths,
        "already": row.already,
        "ms_per_query": row.ms_per_query,
        "ms_per_query_in_all": row.ms_in_all,
        "measures": row.measures,
    }


def _print(rows: list[Row]) -> None:
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 0))
    for place, heading in enumerate(headings(rows)):
        justify: Literal["left", "right"] = "left" if place < 3 else "right"
        table.add_column(heading, justify=justify, no_wrap=place not in (1, 2, 3))
    for row in rows:
        table.add_row(*row.cells())
    print_table(table)
