"""``tasb pairs``: passage pairs and teacher scores, as training reads them."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

from rich.table import Table

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_json_argument,
    add_threads_argument,
)
from tasb_pyserini.cli.help import add_step
from tasb_pyserini.cli.names import TOPICS_HELP
from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import refuse_overwriting
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.average import average_pairs
from tasb_pyserini.training.pairs.convert import (
    import_run,
    import_scores,
    import_triples,
)
from tasb_pyserini.training.pairs.store import open_pairs, read_manifest
from tasb_pyserini.training.pairs.summary import Summary, summarise


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``tasb pairs import``, ``average`` and ``show``."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    _add_import(
        add_step(steps, "import", "make a folder of pairs from scores or triples")
    )
    average = add_step(steps, "average", "average the scores of several teachers")
    average.add_argument(
        "pairs", nargs="+", type=Path, metavar="PAIRS", help="folders of scored pairs"
    )
    average.add_argument("--output", required=True, type=Path, help="folder to write")
    show = add_step(steps, "show", "count what is in a folder of pairs")
    show.add_argument("pairs", type=Path, metavar="PAIRS", help="folder of pairs")
    for step in (average, show):
        add_json_argument(step)


def _add_import(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--scores",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="teacher scores as published: pos_score, neg_score, qid, pos, neg",
    )
    source.add_argument("--triples", type=Path, help="TSV file of qid, pos, neg")
    parser.add_argument(
        "--run", type=Path, help="TREC run with a teacher's scores of the triples"
    )
    parser.add_argument(
        "--drop-unscored",
        action="store_true",
        help="leave out triples that the run lacks a score for",
    )
    parser.add_argument("--output", required=True, type=Path, help="folder to write")
    parser.add_argument(
        "--topics", help=f"refuse qids that are not in here; {TOPICS_HELP}"
    )
    parser.add_argument(
        "--collection",
        type=Path,
        help=f"refuse docids that are not in here; {COLLECTION_HELP}",
    )
    add_threads_argument(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Import, average or show."""
    if args.step == "show":
        return _show(args)
    if args.step == "average":
        refuse_overwriting(args.output, args.pairs)
        manifest = average_pairs(args.pairs, args.output, progress=True)
    else:
        manifest = _import(args)
    if args.json:
        print(json.dumps({"output": str(args.output), **manifest}))
    else:
        print(f"{args.output}: {_describe(manifest)}")
    return 0


def _import(args: argparse.Namespace) -> dict[str, Any]:
    if args.run is not None and args.triples is None:
        raise TasbError("--run scores triples; expected --triples beside it")
    if args.drop_unscored and args.run is None:
        raise TasbError("--drop-unscored is about a run; expected --run beside it")
    options: dict[str, Any] = {"threads": args.threads, "progress": True}
    if args.topics is not None:
        options["known_qids"] = IdTable.of(load_topics(args.topics))
    if args.collection is not None:
        passages = read_collection(args.collection)
        options["known_docids"] = IdTable.of(passage.docid for passage in passages)
    if args.scores is not None:
        return import_scores(args.scores, args.output, **options)
    if args.run is None:
        return import_triples(args.triples, args.output, **options)
    return import_run(
        args.triples,
        args.run,
        args.output,
        drop_unscored=args.drop_unscored,
        **options,
    )


def _describe(manifest: dict[str, Any]) -> str:
    kind = "scored pairs" if manifest["scored"] else "pairs without scores"
    words = (
        f"{manifest['pairs']:,} {kind} of {manifest['queries']:,} queries and "
        f"{manifest['passages']:,} passages; left out: "
        f"{manifest['repeated']:,} repeated"
    )
    if "unscored" in manifest:
        words += f", {manifest['unscored']:,} without a score"
    for folder, count in manifest.get("left_out", {}).items():
        words += f", {count:,} of {folder} that another teacher lacks"
    return words


def _show(args: argparse.Namespace) -> int:
    summary = summarise(open_pairs(args.pairs))
    sources = read_manifest(args.pairs).get("sources", {})
    if args.json:
        report = dataclasses.asdict(summary)
        print(json.dumps({"store": str(args.pairs), **report, "sources": sources}))
        return 0
    table = Table(show_header=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right", overflow="fold")
    for label, value in _rows(summary):
        table.add_row(label, value)
    for kind, names in sources.items():
        table.add_row(kind, names if isinstance(names, str) else "\n".join(names))
    print_table(table)
    return 0


def _rows(summary: Summary) -> list[tuple[str, str]]:
    sizes = summary.pairs_per_query
    rows = [
        ("queries", f"{summary.queries:,}"),
        ("pairs", f"{summary.pairs:,}"),
        ("distinct passages", f"{summary.passages:,}"),
        (
            "pairs per query: least, median, most",
            f"{sizes['min']:,}  {sizes['median']:,g}  {sizes['max']:,}",
        ),
        ("queries with one pair", f"{summary.one_pair:,}"),
    ]
    if summary.negative is None:
        return [*rows, ("margins", "not scored")]
    return [
        *rows,
        ("queries with equal margins", f"{summary.equal_margins:,}"),
        ("margins below 0", f"{summary.negative:.1%}"),
        *((f"margin, {p} %", f"{m:.4f}") for p, m in summary.margins.items()),
    ]
