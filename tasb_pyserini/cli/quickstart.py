"""``tasb quickstart``: from a collection to a table of measures."""

import argparse
import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from tasb_pyserini.cli.arguments import add_json_argument
from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.quickstart.outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb quickstart``."""
    parser.add_argument(
        "--collection",
        type=Path,
        help="folder with corpus.jsonl, topics.tsv, qrels.txt and perhaps train.*; "
        "without it, the docstrings of the standard library",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("quickstart-out"),
        help="folder for everything that is made: new, empty or of an earlier call; "
        "each collection needs its own",
    )
    parser.add_argument(
        "--encoder",
        help="tasb, tasb:FOLDER or hub id; without it, tasb if it can be had, else a "
        "small student trained on the spot",
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Run all of it and print the table and what to try next."""
    from tasb_pyserini.quickstart.pipeline import run_quickstart

    outcome = run_quickstart(
        args.collection,
        args.output,
        args.encoder,
        lambda line: print(f"· {line}", file=sys.stderr, flush=True),
    )
    if args.json:
        print(json.dumps(asdict(outcome), indent=2))
    else:
        print_table(table_of(outcome))
        print(next_commands(outcome, args.output))
    return 0


def table_of(outcome: Outcome) -> Table:
    """Return the results, a row a system."""
    table = Table(
        title=f"{outcome.passages:,} passages, {outcome.queries:,} queries",
        caption=f"encoder {outcome.encoder}, alpha {outcome.alpha:g}",
    )
    table.add_column("system")
    for name in outcome.results[0].measures:
        table.add_column(name, justify="right")
    table.add_column("ms/query", justify="right")
    table.add_column("run", no_wrap=True)
    for result in outcome.results:
        means = [f"{value:.4f}" for value in result.measures.values()]
        table.add_row(result.system, *means, f"{result.ms_per_query:.1f}", result.run)
    return table


def next_commands(outcome: Outcome, output: Path) -> str:
    """Return three commands to try."""
    bin_folder = Path(sys.executable).parent
    tasb, python, output_folder, index, topics, encoder, run = (
        shlex.quote(str(word))
        for word in (
            bin_folder / "tasb",
            bin_folder / "python",
            output,
            outcome.faiss_index,
            Path(outcome.collection) / "topics.tsv",
            outcome.encoder,
            output / "run.pyserini.txt",
        )
    )
    return f"""
Try next:

  {tasb} ask "how do I split a string at commas" --output {output_folder}

  {python} -m pyserini.search.faiss --index {index} \\
    --topics {topics} --encoder {encoder} \\
    --output {run}

  {tasb} quickstart --collection your-folder --output another-folder
"""
