"""The training loop: batches in, a trained model out, a log and saved states beside."""

import math
import time
from pathlib import Path

import torch
from tqdm import tqdm

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.config import TrainingConfig, learning_rate_at
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.log import TrainingLog
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.state import Progress, restore_state, save_state


def run_steps(
    config: TrainingConfig,
    data: TrainingData,
    sampler: Sampler,
    learner: Learner,
    output: Path,
    *,
    progress: bool,
) -> Progress:
    """Train from the last saved state in `output` to the last step.

    Raises
    ------
    TasbError
        If the loss is no longer a number.
    """
    state = restore_state(output, learner)
    batches = load_batches(data, sampler, state.step, config.steps)
    began = time.monotonic() - state.seconds
    with (
        TrainingLog(output, state.step, state.seconds) as log,
        tqdm(
            total=config.steps, initial=state.step, unit=" steps", disable=not progress
        ) as bar,
    ):
        for batch in batches:
            state.losses.append(learner.update(batch, state.step))
            state.step += 1
            state.seconds = time.monotonic() - began
            bar.update()
            last = state.step == config.steps
            if last or state.step % config.log_every == 0:
                _log(log, state, config)
                bar.set_postfix(loss=f"{state.loss:.4f}", refresh=False)
            if last or state.step % config.checkpoint_every == 0:
                _finite_losses(state, config)
                save_state(output, state, learner)
    return state


def _log(log: TrainingLog, state: Progress, config: TrainingConfig) -> None:
    losses = _finite_losses(state, config)
    state.loss = sum(losses) / len(losses)
    state.losses.clear()
    rate = learning_rate_at(state.step - 1, config)
    log.write(state.step, state.seconds, loss=state.loss, learning_rate=rate)


def _finite_losses(state: Progress, config: TrainingConfig) -> list[float]:
    """Return the losses since the last line of the log, if they are numbers."""
    losses: list[float] = torch.stack(state.losses).tolist() if state.losses else []
    for step, loss in enumerate(losses, start=state.step - len(losses) + 1):
        if not math.isfinite(loss):
            raise TasbError(
                f"loss {loss} at step {step}: expected a number; lower the learning "
                f"rate ({config.learning_rate:g}) or the gradient norm "
                f"({config.max_grad_norm:g}) and train into another folder"
            )
    return losses
