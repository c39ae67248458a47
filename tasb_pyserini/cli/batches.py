"""``tasb batches``: what training would see, before it is trained."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.table import Table
from rich.text import Text
from tqdm import tqdm

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_json_argument,
    count,
    positive_int,
)
from tasb_pyserini.cli.names import TOPICS_HELP
from tasb_pyserini.cli.sampling import (
    add_sampling_arguments,
    clusters_of,
    sampling_of,
)
from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.training.pairs.store import open_pairs
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.sampling.show import DrawnPair, name_pairs, texts_of
from tasb_pyserini.training.sampling.statistics import (
    Reach,
    Usage,
    count_usage,
    describe_reach,
)

TEXT_WIDTH = 160


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb batches``."""
    parser.add_argument("--pairs", required=True, type=Path, help="folder of pairs")
    parser.add_argument(
        "--topics", help=f"{TOPICS_HELP}: the training queries, to be shown"
    )
    parser.add_argument("--collection", type=Path, help=COLLECTION_HELP)
    parser.add_argument(
        "--batches", type=positive_int, default=1000, help="how many to draw and count"
    )
    parser.add_argument(
        "--show", type=count, default=0, metavar="N", help="print the first N batches"
    )
    add_sampling_arguments(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Draw batches; print the first ones and what all of them used."""
    pairs = open_pairs(args.pairs)
    topics = None
    if args.topics is not None:
        topics = load_topics(args.topics)
    clusters = clusters_of(args, pairs, topics)
    sampler = Sampler(pairs, sampling_of(args), clusters)
    shown = [name_pairs(pairs, sampler.batch(number)) for number in range(args.show)]
    texts = texts_of(shown, args.collection) if args.collection and shown else {}
    numbers = tqdm(range(args.batches), unit=" batches", disable=None)
    usage = count_usage(sampler, map(sampler.batch, numbers))
    reach = describe_reach(pairs, sampler, clusters)
    if args.json:
        report = {
            "sampling": asdict(sampler.sampling),
            "reach": asdict(reach),
            "usage": asdict(usage),
            "batches": [[asdict(pair) for pair in batch] for batch in shown],
        }
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return 0
    for number, batch in enumerate(shown):
        print_table(_batch_table(number, batch, topics or {}, texts))
    print_table(_usage_table(reach, usage))
    if sampler.pool.n_bins > 1:
        print_table(_bins_table(usage))
    return 0


def _batch_table(
    number: int, batch: list[DrawnPair], topics: Topics, texts: Mapping[str, str]
) -> Table:
    clusters = sorted({pair.cluster for pair in batch})
    named = f", cluster {', '.join(map(str, clusters))}" if clusters[0] >= 0 else ""
    table = Table(title=f"batch {number}{named}", show_lines=bool(texts))
    table.add_column("query", overflow="fold")
    for name in ("relevant", "not relevant"):
        table.add_column(name, overflow="fold")
    for name in ("margin", "bin"):
        table.add_column(name, justify="right", no_wrap=True)
    for pair in batch:
        table.add_row(
            Text(f"{pair.qid} {topics.get(pair.qid, '')}".strip()),
            _passage(pair.pos, texts),
            _passage(pair.neg, texts),
            "" if pair.margin is None else f"{pair.margin:.2f}",
            str(pair.bin),
        )
    return table


def _passage(docid: str, texts: Mapping[str, str]) -> Text:
    text = " ".join(texts.get(docid, "").split())
    short = text if len(text) <= TEXT_WIDTH else f"{text[:TEXT_WIDTH]}…"
    return Text(f"{docid} {short}".strip())


def _usage_table(reach: Reach, usage: Usage) -> Table:
    table = Table(title=f"{usage.batches:,} batches")
    table.add_column("")
    for name in ("drawn", "can be drawn", "all"):
        table.add_column(name, justify="right", no_wrap=True)

    def row(name: str, *numbers: int) -> None:
        table.add_row(name, *(f"{number:,}" for number in numbers))

    row("queries", usage.queries, reach.drawable_queries, reach.queries)
    row("pairs", usage.pairs, reach.drawable_pairs, reach.pairs)
    if reach.clusters:
        usable = reach.clusters - reach.empty_clusters
        row("clusters", usage.clusters, usable, reach.clusters)
        low, middle, high = usage.visits
        table.add_row(
            "visits of a cluster", f"{low:,} to {high:,}", f"median {middle:g}"
        )
        table.add_row("clusters a batch", f"{usage.clusters_a_batch:.2f}")
        table.add_row("shorter than their share", "", "", f"{reach.short_clusters:,}")
    for name, queries in (
        ("queries without a cluster", reach.without_cluster),
        ("queries above the cut-off", reach.without_pair),
        ("queries with one pair", reach.one_pair),
        ("queries with equal margins", reach.equal_margins),
    ):
        if queries:
            table.add_row(name, "", "", f"{queries:,}")
    return table


def _bins_table(usage: Usage) -> Table:
    table = Table(title="margin bins, lowest first")
    table.add_column("bin", justify="right")
    table.add_column("of the draws", justify="right")
    table.add_column("of the pairs", justify="right")
    for number, (drawn, there) in enumerate(
        zip(usage.bins, usage.bins_of_pairs, strict=True)
    ):
        table.add_row(str(number), f"{drawn:.1%}", f"{there:.1%}")
    return table
