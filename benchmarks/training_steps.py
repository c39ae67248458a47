"""Single steps of the recipe ``tas-balanced``: the teacher's share, and a GPU's."""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from figures import peak_mb
from numpy.typing import NDArray
from torch import Tensor
from training_fakes import Fakes, Size, make_clusters, make_start, make_teacher

from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.training.batches.compose import PairBatch, Texts
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.fit import open_accelerator
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.loop import count_tokens
from tasb_pyserini.training.recipe import load_recipe
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.tasks.dot import DotTask
from tasb_pyserini.training.teaching import InBatchTeacher

STEPS, WARM_UP = 10, 2
GPU_STEPS, GPU_WARM_UP = 60, 10
DISTILBERT = Size(layers=6, dimension=768, heads=12)
PAPER_STEPS = 800_000


@dataclass
class Known:
    """Stands for a teacher that has all scores at hand."""

    device: torch.device

    def scores(self, query: Texts, passages: Sequence[Texts]) -> Tensor:
        """Return some scores."""
        shape = len(query.input_ids), sum(len(part.input_ids) for part in passages)
        return torch.ones(shape, device=self.device)


@dataclass
class Bench:
    """A student, its teacher and its batches."""

    learner: Learner
    task: DotTask
    batches: Iterator[PairBatch]

    def step_seconds(self, batch: PairBatch, step: int) -> float:
        """Make an update and return how long it took."""
        begin = time.perf_counter()
        self.learner.update([batch], step)["loss"].item()
        return time.perf_counter() - begin


def set_up(
    config: TrainingConfig,
    data: TrainingData,
    start: Path,
    size: Size,
    clusters: list[NDArray[np.int64]],
    accelerator: Any,
) -> Bench:
    """Return a student in training with a teacher of its own size."""
    teacher = InBatchTeacher(
        make_teacher(size).to(accelerator.device), 0, 0, config.mixed_precision
    )
    torch.manual_seed(0)
    task = DotTask(load_model(start, data.spec).train(), config, teacher)
    sampler = Sampler(data.pairs, config.sampling, clusters)
    batches = load_batches(data, sampler, 0, config.steps)
    return Bench(Learner(task, config, accelerator), task, batches)


def measure_teacher(
    size: Size, fakes: Fakes, folder: Path, device: str
) -> dict[str, float]:
    """Time every step twice: with the teacher, and with scores at hand."""
    config = load_recipe("tas-balanced").config()
    start = make_start(folder / "start", size)
    with open_accelerator(config, device) as accelerator:
        data = fakes.tokenized(start)
        bench = set_up(config, data, start, size, make_clusters(), accelerator)
        known = cast("InBatchTeacher", Known(accelerator.device))
        teacher = bench.task.teacher
        bench.task.teacher = known
        for step in range(WARM_UP):
            bench.step_seconds(next(bench.batches), step)
        without_mb = peak_mb()
        both: list[tuple[float, float]] = []
        for step in range(WARM_UP, WARM_UP + STEPS + 1):
            batch = next(bench.batches)
            bench.task.teacher = teacher
            taught = bench.step_seconds(batch, step)
            bench.task.teacher = known
            both.append((taught, bench.step_seconds(batch, step)))
    shares = [1 - alone / taught for taught, alone in both[1:]]
    return {
        "dual_step_seconds": statistics.median(taught for taught, _ in both[1:]),
        "dual_step_seconds_without_teacher": statistics.median(
            alone for _, alone in both[1:]
        ),
        "teacher_share": statistics.median(shares),
        "dual_peak_mb": peak_mb(),
        "dual_peak_mb_without_teacher": without_mb,
    }


def measure_gpu(
    batch_size: int, fakes: Fakes, folder: Path, device: str
) -> dict[str, float]:
    """Time steps of a student of DistilBERT's size, in bf16."""
    changes = {"batch_size": batch_size, "mixed_precision": "bf16"}
    config = load_recipe("tas-balanced").changed(changes).config()
    start = make_start(folder / "start", DISTILBERT)
    clusters = make_clusters()
    few = max(1, len(clusters) * 32 // batch_size)
    merged = [np.concatenate(part) for part in np.array_split(clusters, few)]
    with open_accelerator(config, device) as accelerator:
        data = fakes.tokenized(start)
        bench = set_up(config, data, start, DISTILBERT, merged, accelerator)
        batches = [next(bench.batches) for _ in range(GPU_WARM_UP + GPU_STEPS)]
        for step, batch in enumerate(batches[:GPU_WARM_UP]):
            bench.step_seconds(batch, step)
        begin = time.perf_counter()
        for step, batch in enumerate(batches[GPU_WARM_UP:], GPU_WARM_UP):
            loss = bench.learner.update([batch], step)["loss"]
        loss.item()
        seconds = (time.perf_counter() - begin) / GPU_STEPS
        peak = torch.cuda.max_memory_allocated() / 2**20
        rate = matrix_rate(device)
    # Forward and backward of the student, forward of the teacher: the layers' weights
    # alone, without padding.
    tokens = statistics.mean(map(count_tokens, batches[GPU_WARM_UP:]))
    needed = (6 + 2) * DISTILBERT.weights * tokens
    return {
        "steps_per_second": 1 / seconds,
        "hours_for_800000_steps": seconds * PAPER_STEPS / 3600,
        "matrix_teraflops": rate / 1e12,
        "share_of_matrix_rate": needed / seconds / rate,
        "peak_gpu_mb": peak,
    }


def matrix_rate(device: str, size: int = 8192, rounds: int = 20) -> float:
    """Return the multiplications and additions a second of large bf16 matrices."""
    one = torch.randn(size, size, device=device, dtype=torch.bfloat16)
    for _ in range(3):
        product = one @ one
    product[0, 0].item()
    begin = time.perf_counter()
    for _ in range(rounds):
        product = one @ one
    product[0, 0].item()
    return 2 * size**3 * rounds / (time.perf_counter() - begin)
