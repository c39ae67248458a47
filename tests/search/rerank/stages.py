"""A stage of reranking on disk, of each model."""

from pathlib import Path

from tasb_pyserini.formats.records import Run
from tasb_pyserini.search.rerank.models import MODELS, Model
from tasb_pyserini.search.rerank.stage import Stage, StageReport, run_stage
from tests.search.rerank.models import PASSAGES, RUN, TOPICS


def load(models: Path, name: str) -> Model:
    return MODELS[name].load(str(models / name), device="cpu")


def stage_of(models: Path, name: str, work: Path, size: int) -> tuple[Run, StageReport]:
    stage = Stage(name, 4, lambda: load(models, name))
    return run_stage(
        stage, RUN, TOPICS, PASSAGES, work, shard_size=size, progress=False
    )
