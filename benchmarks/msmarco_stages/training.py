"""Steps of the recipe ``tas-balanced``, and what it saves.

FLOP of the layers' weights alone, without padding and without attention between
tokens: forward and backward of the student and forward of the teacher, as large as the
student, are (6 + 2) · 12 · layers · dimension² a token.
"""

import shutil
import statistics
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from figures import peak_mb
from training_fakes import PASSAGES, QUERIES, make_clusters, make_fakes
from training_steps import GPU_STEPS, GPU_WARM_UP, Bench

from msmarco_stages.cost import Cost, Setting
from msmarco_stages.texts import make_vocabulary, passages, queries
from tasb_pyserini.encoders.model import BertDot, load_model
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.export import export_checkpoint
from tasb_pyserini.training.fit import open_accelerator
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.loop import count_tokens
from tasb_pyserini.training.ranks import on_main
from tasb_pyserini.training.recipe import load_recipe
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.state import STATE_FILE, Progress, save_state
from tasb_pyserini.training.student import random_student, save_student
from tasb_pyserini.training.tasks.dot import DotTask
from tasb_pyserini.training.teachers.colbert import ColBert
from tasb_pyserini.training.teaching import InBatchTeacher

LARGER = (96, 256)
COUNTED = 64
"""Batches whose tokens are counted."""


def prepare(setting: Setting) -> list[Cost]:
    """Write a student that has learned nothing, with its vocabulary."""
    vocabulary, size = make_vocabulary(), setting.size
    student = random_student(
        vocabulary,
        dimension=size.dimension,
        layers=size.layers,
        heads=size.heads,
        seed=0,
    )
    save_student(setting.start, student, vocabulary)
    return []


def train(setting: Setting) -> list[Cost]:
    """Make steps, save the state and export the checkpoint.

    One step to warm up and one that counts on a CPU, 10 and 60 on a GPU. The batches
    are composed beforehand. Of several processes, the first reports.
    """
    on_gpu, size, batch_size = (
        setting.device == "cuda",
        setting.size,
        setting.batch_size,
    )
    warm_up, steps = (GPU_WARM_UP, GPU_STEPS) if on_gpu else (1, 1)
    precision = "fp16" if on_gpu else "no"
    changes = {"batch_size": batch_size, "mixed_precision": precision}
    config = load_recipe("tas-balanced").changed(changes).config()
    data = _make_data(setting)
    few = max(1, len(make_clusters()) * 32 // batch_size)
    clusters = [np.concatenate(part) for part in np.array_split(make_clusters(), few)]
    sampler = Sampler(data.pairs, config.sampling, clusters)
    tokens = statistics.mean(map(count_tokens, load_batches(data, sampler, 0, COUNTED)))
    with open_accelerator(config, setting.device) as accelerator:
        ranks, rank = accelerator.num_processes, accelerator.process_index
        torch.manual_seed(rank)
        teacher = _make_teacher(setting).to(accelerator.device)
        student = load_model(setting.start, data.spec).train()
        task = DotTask(
            student,
            config,
            InBatchTeacher(teacher, 0, 0, config.mixed_precision),
        )
        learner = Learner(task, config, accelerator)
        source = load_batches(
            data,
            sampler,
            0,
            warm_up + steps,
            rank=rank,
            world_size=ranks,
            pin_memory=on_gpu,
        )
        bench = Bench(learner, task, source)
        batches = list(bench.batches)
        for step, batch in enumerate(batches[:warm_up]):
            bench.step_seconds(batch, step)
        begin = time.perf_counter()
        for step, batch in enumerate(batches[warm_up:], warm_up):
            loss = learner.update([batch], step)["loss"]
        loss.item()
        seconds = time.perf_counter() - begin
        peak, gpu_peak = peak_mb(), None
        if on_gpu:
            gpu_peak = torch.cuda.max_memory_allocated() / 2**20
        saved = setting.folder / f"saved-{batch_size}-{ranks}"
        on_main(accelerator, saved.mkdir)
        save_state(saved, Progress(step=len(batches)), learner)
        state = checkpoint = 0
        if accelerator.is_main_process:
            state = (saved / STATE_FILE).stat().st_size
            checkpoint = _export(student, data, setting.start, saved)
            shutil.rmtree(saved)
    if rank:
        return []
    measured = Cost(
        stage=f"train, b = {batch_size}",
        full=f"{config.steps:,} steps",
        measured=f"{steps} step{'s' * (steps > 1)}{', fp16' * on_gpu}",
        fraction=steps / config.steps,
        seconds=seconds,
        gpus=ranks if on_gpu else 0,
        peak_mb=peak,
        gpu_peak_mb=gpu_peak,
        scaled_disk_bytes=state + checkpoint,
        flop=(6 + 2) * size.weights * tokens * config.steps,
        note=f"{tokens:,.0f} tokens a step; disk: state.pt {state:,} bytes, a "
        f"checkpoint {checkpoint:,}; memory without the pairs and texts "
        "(sampler.py: resident_mb)",
    )
    return [measured, *([] if on_gpu else _not_run(measured, batch_size))]


def _not_run(measured: Cost, batch_size: int) -> list[Cost]:
    """Return rows for batches that a CPU is too slow for, with their FLOP alone."""
    assert measured.flop is not None
    return [
        Cost(
            stage=f"train, b = {larger}",
            full=measured.full,
            measured="NOT RUN",
            flop=measured.flop * larger / batch_size,
        )
        for larger in LARGER
    ]


def _make_data(setting: Setting) -> TrainingData:
    fakes = make_fakes()
    asked, read = islice(queries(9), QUERIES), islice(passages(10), PASSAGES)
    return replace(
        fakes,
        queries=dict(zip(fakes.queries, asked, strict=True)),
        passages=dict(zip(fakes.passages, read, strict=True)),
    ).tokenized(setting.start)


def _make_teacher(setting: Setting) -> ColBert:
    size = setting.size
    transformer = load_model(setting.start, setting.spec).transformer
    torch.manual_seed(1)
    return ColBert(transformer, size.dimension).eval().requires_grad_(False)


def _export(model: BertDot, data: TrainingData, start: Path, folder: Path) -> int:
    before = {path.name for path in folder.iterdir()}
    export_checkpoint(model, data.spec, start, folder)
    new = (path for path in folder.iterdir() if path.name not in before)
    return sum(path.stat().st_size for path in new)
