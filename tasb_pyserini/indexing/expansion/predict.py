"""Queries for every passage of a collection, from where the last run stopped."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from tasb_pyserini.formats.check import CollectionSummary
from tasb_pyserini.formats.work import open_work
from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tasb_pyserini.indexing.expansion.sampling import Sampling
from tasb_pyserini.indexing.expansion.work import (
    has_shard,
    shards_of,
    write_shard,
)

SHARD_SIZE = {"cpu": 256, "cuda": 4_096}
"""Passages in a shard: the most work that an interruption loses."""

KEY = "predicted_queries"
"""As in castorini's data sets of expansions on the hub."""


class Predicted(NamedTuple):
    """What a run predicted.

    Parameters
    ----------
    already
        Passages that an earlier run had done.
    passages_per_second
        Of this run; 0 where nothing was left.
    """

    already: int
    passages_per_second: float


def predict_queries(
    collection: Path,
    summary: CollectionSummary,
    output: Path,
    generator: QueryGenerator,
    sampling: Sampling,
    shard_size: int,
    *,
    progress: bool,
) -> Predicted:
    """Write the queries of the passages whose shards a folder does not hold yet.

    Batches are cut inside a shard, so that a run which stopped and went on writes the
    same bytes as an undisturbed one.

    Parameters
    ----------
    collection, summary
        File or folder, and what `check_collection` says about it.
    output
        Folder of the shards; see :mod:`tasb_pyserini.indexing.expansion.work`.
    generator, sampling
        What predicts, and how.
    shard_size
        Passages a shard.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    TasbError
        If `output` belongs to other work, or another process is at work in it.
    """
    manifest = {
        "passages": summary.passages,
        "fingerprint": summary.fingerprint,
        "model": generator.fingerprint,
        "precision": generator.precision,
        **asdict(sampling),
        "shard_size": shard_size,
        "tokens_per_batch": generator.tokens_per_batch,
    }
    with open_work(output, manifest):
        shards = range(-(-summary.passages // shard_size))
        there = [number for number in shards if has_shard(output, number)]
        already = sum(
            min(shard_size, summary.passages - number * shard_size) for number in there
        )
        if len(there) == len(shards):
            return Predicted(already, 0.0)
        start = time.monotonic()
        with tqdm(
            total=summary.passages,
            initial=already,
            unit=" passages",
            disable=not progress,
        ) as bar:
            for number, shard in enumerate(shards_of(collection, shard_size)):
                if not has_shard(output, number):
                    texts = [passage.contents for passage in shard]
                    queries = generator.generate(texts, sampling, done=bar.update)
                    write_shard(output, number, KEY, shard, queries)
    seconds = time.monotonic() - start
    return Predicted(already, (summary.passages - already) / seconds)
