"""The training loop: batches in, a trained model out, a log and saved states beside."""

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import torch
from tqdm import tqdm

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.best import BestCheckpoints
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.log import TrainingLog
from tasb_pyserini.training.memory import fits_memory
from tasb_pyserini.training.ranks import on_all, on_main
from tasb_pyserini.training.schedule import learning_rate_at
from tasb_pyserini.training.state import Progress, save_state

Validate = Callable[[], float]
"""Returns nDCG@10 of the model as it is; all processes call it, and get the same."""

LESS = (
    "train into another folder with --mixed-precision bf16, with --cache-chunk 8 (a "
    "student), or with a smaller --batch-size and --accumulate"
)
"""What an update can do with less memory."""


def run_steps(
    config: TrainingConfig,
    batches: Iterator[PairBatch],
    learner: Learner,
    state: Progress,
    output: Path,
    log: TrainingLog,
    *,
    validate: Validate | None = None,
    best: BestCheckpoints | None = None,
    progress: bool,
) -> Progress:
    """Train from a saved state to the last step, or until validation says stop.

    Parameters
    ----------
    config
        The run's settings.
    batches
        From the first that `state` has not seen.
    learner
        Restored to `state`.
    state
        How far the run has come.
    output
        Folder of saved states.
    log
        Of the run.
    validate, best
        Together: measures the model, and keeps the best ones.
    progress
        Whether to show a progress bar on stderr.

    Raises
    ------
    TasbError
        If losses or weights are no longer numbers, memory is too small, or something
        cannot be written, in any of the processes; the last saved state stays.
    """
    accelerator = learner.accelerator
    began = time.monotonic() - state.seconds
    with tqdm(
        total=config.steps,
        initial=state.step,
        unit=" steps",
        disable=not progress or not accelerator.is_main_process,
    ) as bar:
        while state.step < config.steps and not state.stopped:
            update = list(islice(batches, config.accumulate))
            with fits_memory(learner.device, f"batches of {config.batch_size}", LESS):
                state.losses.append(learner.update(update, state.step))
            state.tokens += sum(map(count_tokens, update))
            state.step += 1
            state.seconds = time.monotonic() - began
            bar.update()
            last = state.step == config.steps
            if last or state.step % config.log_every == 0:
                on_all(accelerator, partial(_log, log, state, config))
                bar.set_postfix(_shown(state), refresh=False)
            if validate is not None and (
                last or state.step % config.validate_every == 0
            ):
                on_all(accelerator, partial(_check_numbers, state, config, learner))
                value = validate()
                state.stopped = state.patience.update(state.step, value)
                on_all(accelerator, partial(_note, log, state, config, value))
                if best is not None:
                    on_main(accelerator, partial(best.offer, state.step, value))
            if last or state.stopped or _is_saved(state.step, config):
                on_all(accelerator, partial(_check_numbers, state, config, learner))
                save_state(output, state, learner)
    return state


def count_tokens(batch: PairBatch) -> int:
    """Return the tokens of a batch, without padding."""
    parts = (batch.query, batch.pos, batch.neg)
    return sum(int(part.attention_mask.sum()) for part in parts)


def _shown(state: Progress) -> dict[str, str]:
    losses = {name: f"{value:.4f}" for name, value in state.loss.items()}
    speed = state.tokens / max(state.seconds, 1e-9)
    return {**losses, "tokens/s": f"{speed:,.0f}"}


def _is_saved(step: int, config: TrainingConfig) -> bool:
    """Whether the state is saved after a step: also before new negatives are drawn."""
    refreshed = config.refresh_every and step % config.refresh_every == 0
    return bool(refreshed) or step % config.checkpoint_every == 0


def _note(
    log: TrainingLog, state: Progress, config: TrainingConfig, value: float
) -> None:
    log.note(state.step, validation=value)
    if state.stopped and state.losses:
        _log(log, state, config)


def _log(log: TrainingLog, state: Progress, config: TrainingConfig) -> None:
    losses = _finite_losses(state, config)
    state.loss = {name: sum(of) / len(of) for name, of in losses.items()}
    state.losses.clear()
    rate = learning_rate_at(state.step - 1, config)
    log.write(
        state.step,
        state.seconds,
        **state.loss,
        learning_rate=rate,
        tokens=state.tokens,
    )


def _finite_losses(state: Progress, config: TrainingConfig) -> dict[str, list[float]]:
    """Return the losses since the last line of the log, if they are numbers."""
    if not state.losses:
        return {}
    losses: dict[str, list[float]] = {
        name: torch.stack([each[name] for each in state.losses]).tolist()
        for name in state.losses[0]
    }
    first = state.step - len(state.losses) + 1
    for step, loss in enumerate(losses["loss"], start=first):
        if not math.isfinite(loss):
            batch = (step - 1) * config.accumulate
            raise _no_number(f"loss {loss} at step {step} (batch {batch})", config)
    return losses


def _check_numbers(state: Progress, config: TrainingConfig, learner: Learner) -> None:
    """Refuse a state that training can't go on from: each loss precedes its update."""
    _finite_losses(state, config)
    if not learner.is_finite():
        raise _no_number(f"a weight is nan or inf after step {state.step}", config)


def _no_number(what: str, config: TrainingConfig) -> TasbError:
    return TasbError(
        f"{what}: expected a number; the last saved state is kept; lower the learning "
        f"rate ({config.learning_rate:g}) or the gradient norm "
        f"({config.max_grad_norm:g}) and train into another folder"
    )
