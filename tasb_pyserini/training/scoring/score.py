"""Pairs scored by a teacher, from where the last run stopped."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.missing import Done, Progress, run_missing
from tasb_pyserini.formats.score_shards import (
    has_scores,
    read_scores,
    refuse_wild,
    work_folder,
    write_scores,
)
from tasb_pyserini.formats.work import open_work, remove_work
from tasb_pyserini.training.ids import write_ids
from tasb_pyserini.training.pairs.store import DOCIDS, QIDS, Pairs, sort_columns
from tasb_pyserini.training.pairs.writer import new_store, refuse_other
from tasb_pyserini.training.scoring.finished import (
    finished_pairs,
    share_of_negative_margins,
)
from tasb_pyserini.training.scoring.pairwise import PairwiseTeacher
from tasb_pyserini.training.scoring.plan import (
    Shard,
    cut_shards,
    find_distinct,
)
from tasb_pyserini.training.scoring.texts import Texts, open_texts

SHARD_SIZE = {"cpu": 10_000, "cuda": 100_000}
"""Distinct pairs of a shard, the most work that an interruption loses."""


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What a scoring run did.

    Parameters
    ----------
    pairs
        Rows written.
    distinct
        Distinct (query, passage) pairs, each of which was scored once.
    already
        How many of these an earlier run had scored.
    pairs_per_second
        Distinct pairs that this run scored in a second; 0 where there were none left.
    negative_margins
        Share of rows in which the teacher puts neg above pos.
    """

    pairs: int
    distinct: int
    already: int
    pairs_per_second: float
    negative_margins: float


def score_pairs(
    source: Path,
    topics: Path,
    collection: Path,
    teacher: PairwiseTeacher,
    output: Path,
    *,
    cache: Path,
    shard_size: int | None = None,
    progress: bool = True,
) -> ScoreReport:
    """Score pairs with a pairwise teacher and write them as a store.

    Each distinct (query, passage) pair is read by the teacher once. Scores are kept
    in shards beside `output` until all are there, so that a run that was killed goes
    on where it stopped. Where `output` holds the same scores, nothing is done.

    Parameters
    ----------
    source
        A folder of pairs (scores that they have are replaced), or a TSV file of
        triples (qid, pos, neg).
    topics, collection
        The texts.
    teacher
        Gives the scores.
    output
        The folder to write; `source` itself to replace its scores.
    cache
        Where tokens are kept; see
        :func:`~tasb_pyserini.formats.cache.cache_folder`.
    shard_size
        Distinct pairs a shard; None for :data:`SHARD_SIZE` of the device.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    InputError
        If a file is bad, or a pair names an unknown id.
    TasbError
        If a score is not finite, `output` can't be written, or it or the shards
        beside it belong to other work.
    """
    refuse_other(output)
    pairs, queries, passages = open_texts(
        source, topics, collection, teacher, cache, progress=progress
    )
    size = shard_size or SHARD_SIZE[teacher.device.type]
    manifest = _manifest(pairs, (queries, passages), teacher, size)
    shards = cut_shards(pairs, size)
    distinct = sum(shard.size for shard in shards)
    work = work_folder(output)
    if source.resolve() != output.resolve():
        wanted = {name: of for name, of in manifest.items() if name != "shard_size"}
        there = finished_pairs(output, wanted)
        if there is not None:
            _remove_left(work, manifest)
            negative = share_of_negative_margins(there)
            return ScoreReport(len(there), distinct, distinct, 0.0, negative)
    with open_work(work, manifest):
        already, rate = _score_missing(
            pairs, shards, (queries, passages), teacher, work, progress=progress
        )
        origin = {
            "sources": {"pairs": str(source)},
            "scores": {"teacher": teacher.location, **manifest},
        }
        written, negative = _write(pairs, shards, work, output, origin)
    remove_work(work)
    return ScoreReport(written, distinct, already, rate, negative)


def _remove_left(work: Path, manifest: dict[str, Any]) -> None:
    """Remove shards of finished work whose removal was cut short; leave others'."""
    if work.is_dir():
        with suppress(TasbError), open_work(work, manifest):
            remove_work(work)


def _score_missing(
    pairs: Pairs,
    shards: list[Shard],
    texts: tuple[Texts, Texts],
    teacher: PairwiseTeacher,
    work: Path,
    *,
    progress: bool,
) -> Progress:
    queries, passages = texts

    def score(number: int, done: Done) -> None:
        distinct = find_distinct(pairs, shards[number].begin, shards[number].end)
        scores = teacher.score(
            queries.of(distinct.query), passages.of(distinct.passage), done
        )

        def pair(place: int) -> str:
            qid = pairs.qids[int(distinct.query[place])]
            docid = pairs.docids[int(distinct.passage[place])]
            return f"passage {docid} for query {qid}"

        refuse_wild(scores, pair)
        write_scores(work, number, scores)

    sizes = [shard.size for shard in shards]
    there = partial(has_scores, work)
    return run_missing(sizes, there, score, unit=" pairs", progress=progress)


def _write(
    pairs: Pairs,
    shards: list[Shard],
    work: Path,
    output: Path,
    origin: dict[str, Any],
) -> tuple[int, float]:
    """Write the store; return its rows and the share of negative margins."""
    negative = 0
    with new_store(output, scored=True) as store:
        write_ids(store.folder / QIDS, pairs.qids)
        write_ids(store.folder / DOCIDS, pairs.docids)
        for columns in _scored(pairs, shards, work):
            store.append(columns)
            negative += int((columns["pos_score"] < columns["neg_score"]).sum())
        store.finish(origin)
        return store.pairs, negative / len(pairs)


def _scored(
    pairs: Pairs, shards: list[Shard], work: Path
) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield the rows of each shard with their scores, in the order of the store."""
    for number, (begin, end, size) in enumerate(shards):
        scores = read_scores(work, number, size)
        distinct = find_distinct(pairs, begin, end)
        offsets = pairs.offsets[begin : end + 1]
        rows = slice(int(offsets[0]), int(offsets[-1]))
        qid = np.repeat(np.arange(begin, end, dtype=np.int32), np.diff(offsets))
        yield sort_columns(
            {
                "qid": qid,
                "pos": pairs.pos[rows],
                "neg": pairs.neg[rows],
                "pos_score": scores[distinct.pos],
                "neg_score": scores[distinct.neg],
            }
        )


def _manifest(
    pairs: Pairs, texts: tuple[Texts, Texts], teacher: PairwiseTeacher, shard_size: int
) -> dict[str, Any]:
    """Return all that the scores depend on."""
    digest = hashlib.sha256()
    for part in (pairs.offsets, pairs.pos, pairs.neg):
        digest.update(np.ascontiguousarray(part).data)
    for ids in (pairs.qids, pairs.docids):
        digest.update(ids.tobytes())
    folders = (of.table.folder for of in texts)  # named after a hash of all in them
    return {
        "pairs": f"sha256:{digest.hexdigest()}",
        "texts": [folder.name for folder in folders if folder is not None],
        **teacher.settings(),
        "shard_size": shard_size,
    }
