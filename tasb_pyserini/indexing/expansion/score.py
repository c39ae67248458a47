"""A cross-encoder's scores of predicted queries, from where the last run stopped."""

from functools import partial
from pathlib import Path

import numpy as np

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.formats.check import CollectionSummary
from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.missing import Done, run_missing
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.formats.score_shards import refuse_wild
from tasb_pyserini.formats.work import MANIFEST, open_work
from tasb_pyserini.indexing.expansion.predict import KEY as QUERIES
from tasb_pyserini.indexing.expansion.work import (
    has_shard,
    read_shard,
    shard_sizes,
    shards_of,
    write_shard,
)

KEY = "scores"


def score_queries(
    collection: Path,
    summary: CollectionSummary,
    queries: Path,
    output: Path,
    teacher: CrossEncoder,
    shard_size: int,
    *,
    progress: bool,
) -> None:
    """Write how well each query fits the passage it was predicted from.

    Parameters
    ----------
    collection, summary
        File or folder, and what `check_collection` says about it.
    queries
        Folder of `predict_queries`.
    output
        Folder of the shards of scores, raw logits in the order of the queries.
    teacher
        Any cross-encoder.
    shard_size
        Passages a shard, as of `queries`.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    TasbError
        If `output` belongs to other work, or a score is not a finite number.
    """
    manifest = {
        "queries": f"sha256:{file_sha256(queries / MANIFEST)}",
        "weights": teacher.fingerprint(),
        "max_length": teacher.max_length,
        "precision": teacher.precision,
    }
    shards = enumerate(shards_of(collection, shard_size))

    def score(number: int, done: Done) -> None:
        shard = next(shard for place, shard in shards if place == number)
        predicted = read_shard(queries, number, QUERIES, shard)
        scores = _score_shard(shard, predicted, teacher)
        write_shard(output, number, KEY, shard, scores)
        done(len(shard))

    with open_work(output, manifest):
        run_missing(
            shard_sizes(summary.passages, shard_size),
            partial(has_shard, output),
            score,
            unit=" passages scored",
            progress=progress,
        )


def _score_shard(
    shard: list[Passage], queries: list[list[str]], teacher: CrossEncoder
) -> list[list[float]]:
    flat = [query for some in queries for query in some]
    owner = np.repeat(np.arange(len(shard)), [len(some) for some in queries])
    scores = teacher.score_texts(flat, [shard[place].contents for place in owner])

    def pair(place: int) -> str:
        return f"query {flat[place]!r} for passage {shard[int(owner[place])].docid}"

    refuse_wild(scores, pair)
    ends = np.cumsum([len(some) for some in queries])[:-1]
    # The shortest text that gives the same fp32 number again.
    return [[float(str(score)) for score in of] for of in np.split(scores, ends)]
