"""A stage of reranking on disk: it goes on where a killed run stopped."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from tasb_pyserini.formats.missing import Done, run_missing
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.score_shards import (
    has_scores,
    read_scores,
    write_scores,
)
from tasb_pyserini.formats.work import open_work
from tasb_pyserini.search.rerank.candidates import (
    Candidates,
    reorder,
    take_candidates,
)
from tasb_pyserini.search.rerank.models import Model
from tasb_pyserini.search.rerank.scorers import count_inputs, score_candidates

SHARD_SIZE = {"cpu": 1_000, "cuda": 50_000}
"""Inputs of a shard, the most work that an interruption loses; or one query's."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A model and how many hits of a query it reranks.

    Parameters
    ----------
    name
        Such as ``monot5``.
    depth
        Hits a query.
    load
        Loads the model; called when its turn comes, so that one is in memory at a
        time.
    """

    name: str
    depth: int
    load: Callable[[], Model]

    @property
    def tag(self) -> str:
        """Name of the stage in a run's tag."""
        return f"{self.name}-{self.depth}"


@dataclass(frozen=True, slots=True)
class StageReport:
    """What a stage did.

    Parameters
    ----------
    stage
        Its tag.
    inputs
        Pairs of query and passage, or for duoT5 query and two passages.
    already
        How many of these an earlier run had scored.
    inputs_per_second
        That this run scored; 0 where there were none left.
    """

    stage: str
    inputs: int
    already: int
    inputs_per_second: float


def run_stage(
    stage: Stage,
    run: Run,
    topics: Topics,
    texts: Mapping[str, str],
    work: Path,
    *,
    shard_size: int | None = None,
    progress: bool = True,
) -> tuple[Run, StageReport]:
    """Rerank the first hits of each query; those below keep their order.

    See :func:`~tasb_pyserini.search.rerank.candidates.reorder`.

    Parameters
    ----------
    stage
        The model and the depth.
    run, topics, texts
        As of :func:`~tasb_pyserini.search.rerank.candidates.take_candidates`.
    work
        Folder where finished queries' scores are kept.
    shard_size
        Inputs of the model a shard; None for :data:`SHARD_SIZE` of the device.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    TasbError
        If the topics lack a query of the run, the texts a docid, or a score is not
        finite; also if `work` belongs to other work.
    """
    lists = take_candidates(run, topics, texts, stage.depth)
    model = stage.load()
    size = shard_size or SHARD_SIZE[model.device]
    manifest = {"candidates": _hash(lists), **model.describe(), "shard_size": size}
    shards = cut_queries(
        lists, [count_inputs(model, len(one.docids)) for one in lists], size
    )
    with open_work(work, manifest):
        report = _score_missing(stage.tag, model, shards, work, progress=progress)
        scores = [read_scores(work, n, _count(some)) for n, some in enumerate(shards)]
    flat = np.concatenate(scores) if scores else np.empty(0, np.float32)
    return reorder(run, lists, flat), report


def cut_queries(
    lists: Sequence[Candidates], inputs: Sequence[int], size: int
) -> list[list[Candidates]]:
    """Cut queries into shards of at most `size` inputs; a query is never cut in two.

    Examples
    --------
    >>> lists = [Candidates(qid, "", [], []) for qid in "abcd"]
    >>> shards = cut_queries(lists, [2, 2, 9, 1], size=4)
    >>> [[one.qid for one in some] for some in shards]
    [['a', 'b'], ['c'], ['d']]
    """
    shards: list[list[Candidates]] = []
    filled = 0
    for one, n in zip(lists, inputs, strict=True):
        if not shards or filled + n > size:
            shards.append([])
            filled = 0
        shards[-1].append(one)
        filled += n
    return shards


def _score_missing(
    tag: str,
    model: Model,
    shards: list[list[Candidates]],
    work: Path,
    *,
    progress: bool,
) -> StageReport:
    def score(number: int, done: Done) -> None:
        write_scores(work, number, score_candidates(model, shards[number], done))

    sizes = [
        sum(count_inputs(model, len(one.docids)) for one in some) for some in shards
    ]
    there = partial(has_scores, work)
    ran = run_missing(sizes, there, score, unit=" pairs", label=tag, progress=progress)
    return StageReport(tag, sum(sizes), *ran)


def _count(lists: Sequence[Candidates]) -> int:
    return sum(len(one.docids) for one in lists)


def _hash(lists: Sequence[Candidates]) -> str:
    digest = hashlib.sha256()
    for qid, query, docids, passages in lists:
        for text in (qid, query, *docids, *passages):
            content = text.encode()
            digest.update(len(content).to_bytes(8, "big") + content)
        digest.update(b"\n")
    return f"sha256:{digest.hexdigest()}"
