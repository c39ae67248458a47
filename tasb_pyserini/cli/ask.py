"""``tasb ask``: a question, answered from what the quickstart built."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tasb_pyserini.cli.arguments import add_json_argument, positive_int
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.quickstart.ask import Answer, answer
from tasb_pyserini.quickstart.outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb ask``."""
    parser.add_argument("question", nargs="+", help="in your own words")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("quickstart-out"),
        help="folder that 'tasb quickstart' wrote",
    )
    parser.add_argument("--hits", type=positive_int, default=5, help="answers to show")
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Print the answers, best first."""
    question = " ".join(args.question)
    if not question.strip():
        raise TasbError("the question is empty; expected some words")
    answers = answer(Outcome.read(args.output), question, args.hits)
    if args.json:
        print(json.dumps([asdict(one) for one in answers], ensure_ascii=False))
    else:
        _print(answers)
    return 0


def _print(answers: list[Answer]) -> None:
    console = Console(highlight=False)
    for rank, one in enumerate(answers, start=1):
        head = Text(f"{rank}  ", "dim")
        head.append(one.docid, "bold green").append(f"  {one.score:.3f}", "cyan")
        console.print(head)
        console.print(Text(one.text.strip()[:400], overflow="fold"), style="default")
        console.print()
