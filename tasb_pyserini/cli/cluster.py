"""``tasb cluster``: training queries into topic clusters."""

import argparse
import json
import sys
from pathlib import Path
from typing import get_args

from rich.markup import escape
from rich.table import Table

from tasb_pyserini.cli.arguments import (
    add_encoder_arguments,
    add_json_argument,
    positive_int,
)
from tasb_pyserini.cli.names import TOPICS_HELP
from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.evaluation.figures.output import check_outputs
from tasb_pyserini.training.clusters.figure import draw_clusters
from tasb_pyserini.training.clusters.kmeans import CLUSTERS, ITERATIONS, Metric
from tasb_pyserini.training.clusters.queries import (
    TINY,
    QueryClusters,
    cluster_queries,
)

LARGEST, EXAMPLES = 5, 3
SIZES = ("min", "5 %", "median", "95 %", "max", "empty clusters", f"of 1 to {TINY - 1}")
FEW_QUERIES = 39  # a cluster; below, Faiss warns that k-means has too little to learn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb cluster``."""
    parser.add_argument("--topics", required=True, help=TOPICS_HELP)
    parser.add_argument("--encoder", default="tasb", help="tasb, tasb:FOLDER or hub id")
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        help="folder of clusters.tsv, clusters.json and the queries' vectors; the same "
        "command again goes on where it stopped",
    )
    parser.add_argument(
        "--k", type=positive_int, default=CLUSTERS, help="number of clusters"
    )
    parser.add_argument(
        "--metric",
        choices=get_args(Metric),
        default="inner-product",
        help="inner-product: spherical k-means, as the authors ran it; euclidean: as "
        "their paper says",
    )
    parser.add_argument(
        "--iterations", type=positive_int, default=ITERATIONS, help="of k-means"
    )
    parser.add_argument(
        "--starts",
        type=positive_int,
        default=1,
        help="times to begin k-means anew; the best end is kept",
    )
    parser.add_argument("--seed", type=int, default=42, help="seed of k-means")
    add_encoder_arguments(parser)
    parser.add_argument(
        "--figure",
        type=Path,
        metavar="FILE",
        help="draw the paper's Figure 1 (.png, .svg or .pdf), with its points as .csv",
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Cluster, draw where asked to, and print how large the clusters are."""
    if args.figure is not None:
        check_outputs([args.figure], [Path(args.topics)])
    clusters = cluster_queries(
        load_topics(args.topics),
        args.output,
        Encoder.load(args.encoder, device=args.device, fp16=args.fp16),
        k=args.k,
        metric=args.metric,
        seed=args.seed,
        iterations=args.iterations,
        starts=args.starts,
    )
    if args.figure is not None:
        draw_clusters(clusters, args.figure, seed=args.seed)
    if args.json:
        report = {"output": str(args.output)} | clusters.report
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _print_tables(clusters, args)
    if len(clusters.topics) < FEW_QUERIES * args.k:
        print(
            f"tasb cluster: {len(clusters.topics) / args.k:.1f} queries a cluster are "
            f"few for k-means; Faiss advises {FEW_QUERIES}",
            file=sys.stderr,
        )
    return 0


def _print_tables(clusters: QueryClusters, args: argparse.Namespace) -> None:
    report, sizes = clusters.report, clusters.report["sizes"]
    print(
        f"{args.output}: {len(clusters.topics):,} queries in {args.k:,} clusters "
        f"({args.metric}, objective {report['objective']:.6g})"
    )
    table = Table(title="queries a cluster", title_justify="left")
    for name in SIZES:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row(*(f"{value:,.10g}" for value in sizes.values()))
    print_table(table)
    print_table(_largest(clusters))


def _largest(clusters: QueryClusters) -> Table:
    table = Table(title="the largest", title_justify="left")
    table.add_column("cluster", justify="right")
    table.add_column("queries", justify="right")
    table.add_column("examples", overflow="fold")
    numbers = range(len(clusters.clusters))
    largest = sorted(numbers, key=lambda n: -len(clusters.clusters[n]))[:LARGEST]
    for number in largest:
        queries = [escape(query) for _, query in clusters.central(number, EXAMPLES)]
        size = f"{len(clusters.clusters[number]):,}"
        table.add_row(str(number), size, "\n".join(queries))
    return table
