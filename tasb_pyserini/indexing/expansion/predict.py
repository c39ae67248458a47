"""Queries for every passage of a collection, from where the last run stopped."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

from tasb_pyserini.formats.check import CollectionSummary
from tasb_pyserini.formats.missing import Done, Progress, run_missing
from tasb_pyserini.formats.work import open_work
from tasb_pyserini.indexing.expansion.draw import Sampling
from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tasb_pyserini.indexing.expansion.work import (
    has_shard,
    shard_sizes,
    shards_of,
    write_shard,
)

SHARD_SIZE = {"cpu": 256, "cuda": 4_096}
"""Passages in a shard: the most work that an interruption loses."""

KEY = "predicted_queries"
"""As in castorini's data sets of expansions on the hub."""


def predict_queries(
    collection: Path,
    summary: CollectionSummary,
    output: Path,
    generator: QueryGenerator,
    sampling: Sampling,
    shard_size: int,
    *,
    progress: bool,
) -> Progress:
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
    shards = enumerate(shards_of(collection, shard_size))

    def predict(number: int, done: Done) -> None:
        shard = next(shard for place, shard in shards if place == number)
        texts = [passage.contents for passage in shard]
        queries = generator.generate(texts, sampling, done=done)
        write_shard(output, number, KEY, shard, queries)

    with open_work(output, manifest):
        return run_missing(
            shard_sizes(summary.passages, shard_size),
            partial(has_shard, output),
            predict,
            unit=" passages",
            progress=progress,
        )
