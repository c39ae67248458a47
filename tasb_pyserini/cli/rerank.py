"""``tasb rerank``: the first hits of a run, in the order of stronger models."""

import argparse
import dataclasses
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_json_argument,
    add_model_arguments,
    positive_int,
)
from tasb_pyserini.cli.names import TOPICS_HELP
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.formats.collection import collection_files
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.outputs import check_files
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import needed_decimals, read_run, write_run
from tasb_pyserini.formats.work import remove_work
from tasb_pyserini.search.rerank.candidates import refuse_unknown, top
from tasb_pyserini.search.rerank.texts import (
    Texts,
    collection_texts,
    dataset_texts,
    lucene_texts,
)

if TYPE_CHECKING:
    from tasb_pyserini.search.rerank.stage import Stage, StageReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb rerank``."""
    parser.add_argument("--run", required=True, type=Path, help="TREC run to rerank")
    parser.add_argument("--topics", required=True, help=TOPICS_HELP)
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        help="TREC run to write; the same command goes on with a killed run",
    )
    checkpoint = "DIR|HUB_ID"
    first = parser.add_mutually_exclusive_group()
    first.add_argument(
        "--cat", metavar=checkpoint, help="cross-encoder with one label, or two"
    )
    first.add_argument("--monot5", metavar=checkpoint, help="monoT5")
    parser.add_argument(
        "--duot5", metavar=checkpoint, help="duoT5, behind the other or alone"
    )
    parser.add_argument(
        "--depth",
        type=positive_int,
        default=1000,
        metavar="N",
        help="hits per query for --cat or --monot5; those below keep their order",
    )
    parser.add_argument(
        "--duo-depth",
        type=positive_int,
        default=50,
        metavar="M",
        help="hits per query for --duot5, which reads M(M-1) pairs of them",
    )
    texts = parser.add_mutually_exclusive_group(required=True)
    texts.add_argument("--collection", type=Path, help=COLLECTION_HELP)
    texts.add_argument(
        "--index", help="Lucene index that stores texts, or a prebuilt one of Pyserini"
    )
    texts.add_argument(
        "--dataset", type=Path, metavar="DIR", help="passages saved by datasets"
    )
    add_model_arguments(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Rerank stage by stage, write the run and say what was done."""
    if not (args.cat or args.monot5 or args.duot5):
        raise TasbError("no model; expected --cat, --monot5 or --duot5")
    texts_of = [] if args.collection is None else collection_files(args.collection)
    check_files([args.output], [args.run, Path(args.topics), *texts_of])
    topics, hits = load_topics(args.topics), read_run(args.run)
    if not hits:
        raise InputError(args.run, None, "no hits", "at least one line")
    refuse_unknown(hits, topics)
    _note_missing(hits, topics)
    from tasb_pyserini.search.rerank.stage import run_stage

    stages = _stages(args)
    texts = _read_texts(args, hits, max(stage.depth for stage in stages))
    work = args.output.with_name(f"{args.output.name}.work")
    reports = []
    for number, stage in enumerate(stages, start=1):
        folder = work / f"{number}-{stage.name}"
        hits, report = run_stage(stage, hits, topics, texts, folder)
        reports.append(report)
    tag = ".".join(stage.tag for stage in stages)
    write_run(args.output, hits, tag, needed_decimals(hits))
    remove_work(work)
    _print(args, len(hits), reports)
    return 0


def _stages(args: argparse.Namespace) -> "list[Stage]":
    from tasb_pyserini.search.rerank.models import MODELS
    from tasb_pyserini.search.rerank.stage import Stage

    models = {name: of for name, of in MODELS.items() if getattr(args, name)}
    for name, model in models.items():
        model.check(getattr(args, name))
    depths = {"cat": args.depth, "monot5": args.depth, "duot5": args.duo_depth}
    return [
        Stage(
            name,
            depths[name],
            partial(
                model.load,
                getattr(args, name),
                device=args.device,
                precision=args.precision,
            ),
        )
        for name, model in models.items()
    ]


def _note_missing(hits: Run, topics: Topics) -> None:
    if without := len(topics.keys() - hits.keys()):
        print(
            f"tasb rerank: {without:,} of {len(topics):,} topics have no hits in the "
            "run and get none",
            file=sys.stderr,
        )


def _read_texts(args: argparse.Namespace, hits: Run, depth: int) -> Texts:
    docids = dict.fromkeys(
        docid for some in top(hits, depth).values() for docid in some
    )
    if args.collection:
        return collection_texts(args.collection, docids, progress=True)
    if args.dataset:
        return dataset_texts(args.dataset, docids)
    return lucene_texts(args.index, docids, threads=os.cpu_count() or 1)


def _print(
    args: argparse.Namespace, queries: int, reports: "list[StageReport]"
) -> None:
    if args.json:
        stages = [dataclasses.asdict(report) for report in reports]
        report = {"output": str(args.output), "queries": queries, "stages": stages}
        print(json.dumps(report))
        return
    print(f"{args.output}: {queries:,} queries")
    for one in reports:
        before = f", {one.already:,} of them before" if one.already else ""
        print(
            f"{one.stage}: {one.inputs:,} pairs scored{before}, "
            f"{one.inputs_per_second:,.1f} a second"
        )
