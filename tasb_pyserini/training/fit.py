"""One run of a task: started, or gone on with, to its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import broadcast_object_list

from tasb_pyserini.encoders.device import resolve_device
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.best import BestCheckpoints
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.curves import draw_curves
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.loop import Validate, run_steps
from tasb_pyserini.training.record import Record, open_record, write_record
from tasb_pyserini.training.state import STATE_FILE, Progress, restore_state
from tasb_pyserini.training.tasks.task import Task
from tasb_pyserini.training.validation.stopping import Patience


class LoadBatches(Protocol):
    """Yields batches by their numbers, this process's share of each."""

    def __call__(
        self, start: int, stop: int, *, rank: int, world_size: int, pin_memory: bool
    ) -> Iterator[PairBatch]:
        """Yield the batches `start` to `stop` - 1."""


def fit(
    task: Task,
    config: TrainingConfig,
    load: LoadBatches,
    accelerator: Accelerator,
    output: Path,
    run: Record,
    export: Callable[[Progress], None],
    *,
    validate: Validate | None = None,
    best: BestCheckpoints | None = None,
    progress: bool = False,
) -> None:
    """Train a task from where `output` stands to the end, and export it.

    Parameters
    ----------
    task, config
        What is trained, and how.
    load
        Gives the batches.
    accelerator
        Device, precision and the other processes.
    output
        The run's folder.
    run
        See :func:`~tasb_pyserini.training.record.describe_run`.
    export
        Writes the checkpoint into `output`; the curves are drawn after it.
    validate, best, progress
        See :func:`~tasb_pyserini.training.loop.run_steps`.

    Raises
    ------
    TasbError
        If `output` holds anything else, or the loss is no longer a number.
    """
    ranks, rank = accelerator.num_processes, accelerator.process_index
    _check_ranks(config, ranks)
    if _open(accelerator, output, run) is None:
        learner = Learner(task, config, accelerator)
        new = Progress(
            patience=Patience(limit=config.patience, not_before=config.stop_not_before)
        )
        state = restore_state(output, learner, new)
        batches = load(
            state.step * config.accumulate,
            config.steps * config.accumulate,
            rank=0 if config.gather else rank,
            world_size=1 if config.gather else ranks,
            pin_memory=learner.device.type == "cuda",
        )
        end = run_steps(
            config,
            batches,
            learner,
            state,
            output,
            validate=None if validate is None else _on_one(accelerator, validate),
            best=best,
            main_process=accelerator.is_main_process,
            progress=progress,
        )
        if accelerator.is_main_process:
            export(end)
            draw_curves(output)
            write_record(output, run, _result(end, learner))
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        (output / STATE_FILE).unlink(missing_ok=True)


@contextmanager
def open_accelerator(config: TrainingConfig, device: str) -> Iterator[Accelerator]:
    """Yield the accelerator of a device; give back the random state afterwards.

    Raises
    ------
    TasbError
        If the device cannot be had, or does not know the precision.
    """
    where = resolve_device(device)
    if where.type == "cpu" and config.mixed_precision == "fp16":
        raise TasbError("mixed precision 'fp16' on a CPU: expected 'bf16' or 'no'")
    if where.index is not None:
        torch.cuda.set_device(where)
    accelerator = Accelerator(
        cpu=where.type == "cpu", mixed_precision=config.mixed_precision
    )
    # Of several processes, each has its own GPU by now.
    cuda = [torch.cuda.current_device()] if where.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=cuda):
            yield accelerator
    finally:
        # Device and precision live in a singleton; nothing public resets it.
        AcceleratorState._reset_state(reset_partial_state=True)


def _open(accelerator: Accelerator, output: Path, run: Record) -> Record | None:
    """Return what came of the run if it has ended, the same in every process."""
    result = [open_record(output, run)] if accelerator.is_main_process else [None]
    broadcast_object_list(result)
    return result[0]


def _on_one(accelerator: Accelerator, validate: Validate) -> Validate:
    """Let one process validate and tell the others."""

    def value() -> float:
        values = [validate() if accelerator.is_main_process else 0.0]
        broadcast_object_list(values)
        return values[0]

    return value


def _check_ranks(config: TrainingConfig, ranks: int) -> None:
    if config.batch_size % ranks:
        raise TasbError(
            f"batch_size {config.batch_size} for {ranks} processes: expected a multiple"
        )


def _result(end: Progress, learner: Learner) -> Record:
    return {
        **end.loss,
        "steps": end.step,
        "best_validation": end.patience.best,
        "best_step": end.patience.best_step,
        "seconds": round(end.seconds, 3),
        "steps_per_second": round(end.step / max(end.seconds, 1e-9), 3),
        "tokens_per_second": round(end.tokens / max(end.seconds, 1e-9)),
        "device": str(learner.device),
        "threads": torch.get_num_threads(),
    }
