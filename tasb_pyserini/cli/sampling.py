"""What decides which batches are drawn, as arguments."""

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.training.pairs.store import Pairs
from tasb_pyserini.training.sampling.numbers import read_numbered_clusters
from tasb_pyserini.training.sampling.queries import ShortClusters
from tasb_pyserini.training.sampling.sampler import Sampling, Strategy

Clusters = list[NDArray[np.int64]]


def add_sampling_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare strategy, clusters and seed; defaults are the published model's."""
    group, default = parser.add_argument_group("sampling"), Sampling()
    group.add_argument(
        "--strategy",
        choices=get_args(Strategy),
        default=default.strategy,
        help="which queries and pairs make up a batch",
    )
    group.add_argument(
        "--clusters",
        type=Path,
        help="folder of 'tasb cluster', or a file like its clusters.tsv",
    )
    group.add_argument(
        "--batch-size", type=int, default=default.batch_size, help="queries per batch"
    )
    group.add_argument(
        "--clusters-per-batch",
        type=int,
        default=default.n_clusters,
        metavar="N",
        help="clusters that the queries of a batch come from",
    )
    group.add_argument(
        "--short-clusters",
        choices=get_args(ShortClusters),
        default=default.short_clusters,
        help="fill batches from further clusters, as the authors' code does, or leave "
        "short clusters out (eq. 11)",
    )
    group.add_argument(
        "--bins", type=int, default=default.n_bins, help="margin bins per query"
    )
    group.add_argument(
        "--max-margin",
        type=float,
        default=default.max_margin,
        help="largest margin that strategy hard-margin draws",
    )
    group.add_argument("--seed", type=int, default=default.seed, help="of the draws")


def sampling_of(args: argparse.Namespace) -> Sampling:
    """Return what the arguments say."""
    return Sampling(
        strategy=args.strategy,
        batch_size=args.batch_size,
        seed=args.seed,
        n_clusters=args.clusters_per_batch,
        short_clusters=args.short_clusters,
        n_bins=args.bins,
        max_margin=args.max_margin,
    )


def clusters_of(
    args: argparse.Namespace, pairs: Pairs, known_qids: Collection[str] | None
) -> Clusters | None:
    """Return the clusters, where the strategy needs them and there are any."""
    if args.clusters is None or not sampling_of(args).uses_clusters:
        return None
    return read_numbered_clusters(args.clusters, pairs.qids, known_qids)
