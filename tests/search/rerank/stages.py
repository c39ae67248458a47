"""A stage of reranking on disk, of each model, and the same in memory."""

from collections.abc import Mapping
from pathlib import Path

from tasb_pyserini.formats.missing import Done
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.search.rerank.candidates import reorder, take_candidates
from tasb_pyserini.search.rerank.models import MODELS, Model
from tasb_pyserini.search.rerank.scorers import (
    PairScorer,
    Scorer,
    ignore,
    score_candidates,
)
from tasb_pyserini.search.rerank.stage import Stage, StageReport, run_stage
from tests.search.rerank.models import PASSAGES, RUN, TOPICS


def load(models: Path, name: str) -> Model:
    return MODELS[name].load(str(models / name), device="cpu")


def stage_of(models: Path, name: str, work: Path, size: int) -> tuple[Run, StageReport]:
    stage = Stage(name, 4, lambda: load(models, name))
    return run_stage(
        stage, RUN, TOPICS, PASSAGES, work, shard_size=size, progress=False
    )


def rerank(
    run: Run,
    topics: Topics,
    texts: Mapping[str, str],
    scorer: Scorer | PairScorer,
    depth: int,
    done: Done = ignore,
) -> Run:
    lists = take_candidates(run, topics, texts, depth)
    return reorder(run, lists, score_candidates(scorer, lists, done))
