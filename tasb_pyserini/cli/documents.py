"""``tasb documents``: long documents, searched by their passages."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_json_argument,
    positive_int,
)
from tasb_pyserini.cli.help import add_step
from tasb_pyserini.formats.collection import collection_files
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.outputs import check_files
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import needed_decimals, read_run, write_run
from tasb_pyserini.search.passages.docids import DELIMITER, refuse_plain
from tasb_pyserini.search.passages.firstp import first_passage
from tasb_pyserini.search.passages.maxp import max_passage
from tasb_pyserini.search.passages.split import UNITS, Splitting, split_collection

METHODS: dict[str, Callable[[Run, int, str], Run]] = {
    "maxp": max_passage,
    "firstp": first_passage,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``tasb documents split`` and ``aggregate``."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    split = add_step(steps, "split", "cut documents into passages")
    split.add_argument("--collection", required=True, type=Path, help=COLLECTION_HELP)
    split.add_argument("--output", required=True, type=Path, help="JSONL file to write")
    default = Splitting()
    split.add_argument(
        "--unit",
        choices=UNITS,
        default=default.unit,
        help="what --window and --stride count",
    )
    split.add_argument(
        "--window",
        type=positive_int,
        default=default.window,
        help="length of a passage, in such units",
    )
    split.add_argument(
        "--stride",
        type=positive_int,
        default=default.stride,
        help="units from the beginning of a passage to that of the next",
    )
    split.add_argument(
        "--title-lines",
        type=int,
        default=default.title_lines,
        metavar="N",
        help="lines at the top of a document that are put before each of its passages",
    )
    split.add_argument(
        "--first-only",
        action="store_true",
        help="keep the first passage of each document alone (FirstP)",
    )
    aggregate = add_step(
        steps, "aggregate", "turn a run of passages into a run of their documents"
    )
    aggregate.add_argument("--run", required=True, type=Path, help="run of passages")
    aggregate.add_argument("--output", required=True, type=Path, help="run to write")
    aggregate.add_argument(
        "--method",
        choices=METHODS,
        default="maxp",
        help="a document's score: of its best passage, or of its first",
    )
    aggregate.add_argument(
        "--max-passage-hits",
        type=positive_int,
        default=100,
        metavar="K",
        help="documents per query",
    )
    for step in (split, aggregate):
        step.add_argument(
            "--max-passage-delimiter",
            default=DELIMITER,
            metavar="TEXT",
            help="between a document's id and the passage's number",
        )
        add_json_argument(step)


def run(args: argparse.Namespace) -> int:
    """Split or aggregate."""
    if not args.max_passage_delimiter:
        raise TasbError("--max-passage-delimiter is empty; expected such as '#'")
    report = _split(args) if args.step == "split" else _aggregate(args)
    if args.json:
        print(json.dumps({"output": str(args.output), **report}))
    else:
        counts = ", ".join(f"{count:,} {name}" for name, count in report.items())
        print(f"{args.output}: {counts}")
    return 0


def _split(args: argparse.Namespace) -> dict[str, int]:
    if args.stride > args.window:
        raise TasbError(
            f"--stride {args.stride} would lose text; expected at most --window "
            f"{args.window}"
        )
    if args.title_lines < 0:
        raise TasbError(f"--title-lines {args.title_lines}: expected 0 or more")
    check_files([args.output], collection_files(args.collection))
    documents, passages = split_collection(
        args.collection,
        args.output,
        Splitting(
            unit=args.unit,
            window=args.window,
            stride=args.stride,
            title_lines=args.title_lines,
            first_only=args.first_only,
        ),
        delimiter=args.max_passage_delimiter,
    )
    return {"documents": documents, "passages": passages}


def _aggregate(args: argparse.Namespace) -> dict[str, int]:
    check_files([args.output], [args.run])
    passages = read_run(args.run)
    if not passages:
        raise InputError(args.run, None, "no hits", "a run in the format of TREC")
    refuse_plain(passages, args.max_passage_delimiter)
    documents = METHODS[args.method](
        passages, args.max_passage_hits, args.max_passage_delimiter
    )
    write_run(args.output, documents, args.method, needed_decimals(documents))
    return {"queries": len(documents), "documents": sum(map(len, documents.values()))}
