"""One run of a task: started, or gone on with, to its end."""

import atexit
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import torch
import torch.distributed
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import InitProcessGroupKwargs

from tasb_pyserini.encoders.device import resolve_device
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.work import hold
from tasb_pyserini.training.best import BestCheckpoints
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.curves import draw_curves
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.log import TrainingLog
from tasb_pyserini.training.loop import Validate, run_steps
from tasb_pyserini.training.ranks import on_all, on_main
from tasb_pyserini.training.record import Record, open_record, write_record
from tasb_pyserini.training.segments import (
    REFRESH,
    LoadBatches,
    Refreshes,
    segment_batches,
)
from tasb_pyserini.training.state import STATE_FILE, Progress, restore_state
from tasb_pyserini.training.tasks.task import Task
from tasb_pyserini.training.validation.stopping import Patience

WAIT = timedelta(days=1)
"""How long a process waits for another, which validates, draws or writes meanwhile.

One that dies ends the others through torchrun, not by this.
"""


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
    refresh: Refreshes | None = None,
    progress: bool = False,
) -> None:
    """Train a task from where `output` stands to the end, and export it.

    Parameters
    ----------
    task, config
        What is trained, and how.
    load
        Gives the batches, but for those of newly drawn negatives.
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
    refresh
        Draws negatives anew, where the settings say so.

    Raises
    ------
    TasbError
        If `output` holds anything else or another process trains into it, or the loss
        is no longer a number. An error of one process ends all of them, with the same
        text.
    """
    _check_ranks(config, accelerator.num_processes)
    with ExitStack() as held:
        if on_main(accelerator, partial(_begin, output, run, held)) is None:
            learner = Learner(task, config, accelerator)
            new = Progress(
                patience=Patience(
                    limit=config.patience, not_before=config.stop_not_before
                )
            )
            state = on_all(accelerator, partial(restore_state, output, learner, new))
            log = on_all(accelerator, partial(_open_log, accelerator, output, state))
            with log:
                end = run_steps(
                    config,
                    segment_batches(
                        config, state.step, load, refresh, accelerator, log
                    ),
                    learner,
                    state,
                    output,
                    log,
                    validate=validate,
                    best=best,
                    progress=progress,
                )

            def finish() -> None:
                export(end)
                draw_curves(output)
                write_record(output, run, _result(end, learner))

            on_main(accelerator, finish)
        on_main(accelerator, partial(_remove_scratch, output))
        accelerator.wait_for_everyone()


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
        cpu=where.type == "cpu",
        mixed_precision=config.mixed_precision,
        kwargs_handlers=[InitProcessGroupKwargs(timeout=WAIT)],
    )
    atexit.unregister(_leave_others)
    atexit.register(_leave_others)
    # Of several processes, each has its own GPU by now.
    cuda = [torch.cuda.current_device()] if where.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=cuda):
            yield accelerator
    finally:
        # Device and precision live in a singleton; nothing public resets it.
        AcceleratorState._reset_state(reset_partial_state=True)


def _leave_others() -> None:
    """End the group of processes; left to the interpreter's end, it may abort."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def _begin(output: Path, run: Record, held: ExitStack) -> Record | None:
    """Return what came of the run; if it has not ended, keep others out of its folder.

    Of several processes of one run, the first does so for all.
    """
    result = open_record(output, run)
    if result is None:
        held.enter_context(hold(output))
        # Since the first look, another process may have begun another run here.
        result = open_record(output, run)
    return result


def _open_log(accelerator: Accelerator, output: Path, state: Progress) -> TrainingLog:
    write = accelerator.is_main_process
    return TrainingLog(output, state.step, state.seconds, write=write)


def _remove_scratch(output: Path) -> None:
    """Remove what only a run that goes on needs."""
    (output / STATE_FILE).unlink(missing_ok=True)
    if (output / REFRESH).is_dir():
        shutil.rmtree(output / REFRESH)


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
