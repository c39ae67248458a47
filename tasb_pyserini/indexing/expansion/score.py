"""A cross-encoder's scores of predicted queries, from where the last run stopped."""

from hashlib import sha256
from pathlib import Path

import numpy as np
from tqdm import tqdm

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.formats.check import CollectionSummary
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.formats.work import MANIFEST, open_work
from tasb_pyserini.indexing.expansion.predict import KEY as QUERIES
from tasb_pyserini.indexing.expansion.work import (
    has_shard,
    read_shard,
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
        "queries": f"sha256:{sha256((queries / MANIFEST).read_bytes()).hexdigest()}",
        "weights": teacher.fingerprint(),
        "max_length": teacher.max_length,
        "precision": teacher.precision,
    }
    with open_work(output, manifest):
        shards = range(-(-summary.passages // shard_size))
        there = sum(has_shard(output, number) for number in shards)
        if there == len(shards):
            return
        with tqdm(
            total=summary.passages,
            initial=min(there * shard_size, summary.passages),
            unit=" passages scored",
            disable=not progress,
        ) as bar:
            for number, shard in enumerate(shards_of(collection, shard_size)):
                if not has_shard(output, number):
                    predicted = read_shard(queries, number, QUERIES, shard)
                    scores = _score_shard(shard, predicted, teacher)
                    write_shard(output, number, KEY, shard, scores)
                    bar.update(len(shard))


def _score_shard(
    shard: list[Passage], queries: list[list[str]], teacher: CrossEncoder
) -> list[list[float]]:
    flat = [query for some in queries for query in some]
    owner = np.repeat(np.arange(len(shard)), [len(some) for some in queries])
    scores = teacher.score_texts(flat, [shard[place].contents for place in owner])
    wild = np.flatnonzero(~np.isfinite(scores))
    if len(wild):
        first = int(wild[0])
        raise TasbError(
            f"{teacher.location}: score {scores[first]} of query {flat[first]!r} for "
            f"passage {shard[int(owner[first])].docid}; expected a finite number; try "
            "--precision fp32, or another teacher"
        )
    ends = np.cumsum([len(some) for some in queries])[:-1]
    # The shortest text that gives the same fp32 number again.
    return [[float(str(score)) for score in of] for of in np.split(scores, ends)]
