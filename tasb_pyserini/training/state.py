"""The state of a run, saved so that a killed one goes on exactly where it was."""

import pickle
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.replace import replace_bytes
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.ranks import on_main
from tasb_pyserini.training.validation.stopping import Patience

STATE_FILE = "state.pt"


@dataclass(slots=True)
class Progress:
    """How far a run has come.

    Parameters
    ----------
    step
        Updates made.
    seconds
        Time that these took, over all starts.
    tokens
        Tokens read, without padding, by this process.
    losses
        Of the updates since the last line of the log, by name, on the model's device.
    loss
        The means in the last line of the log.
    patience
        How validation went.
    stopped
        Whether it said stop.
    """

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    losses: list[Losses] = field(default_factory=list)
    loss: dict[str, float] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)
    stopped: bool = False


def save_state(folder: Path, progress: Progress, learner: Learner) -> None:
    """Write progress, weights, optimizer and random states into one file, atomically.

    Of several processes, all make this call, and one writes.

    Raises
    ------
    TasbError
        If the disk is full; what was saved before is unchanged.
    """
    state = {
        "step": progress.step,
        "seconds": progress.seconds,
        "tokens": progress.tokens,
        "losses": [
            {name: loss.item() for name, loss in each.items()}
            for each in progress.losses
        ],
        "loss": progress.loss,
        "patience": asdict(progress.patience),
        "stopped": progress.stopped,
        "learner": learner.state(),
    }
    on_main(learner.accelerator, partial(_write, folder, state))


def restore_state(folder: Path, learner: Learner, new: Progress) -> Progress:
    """Read what :func:`save_state` wrote; where nothing is to be read, return `new`.

    torch's ``weights_only`` loader reads it: code in the file would not run.

    Raises
    ------
    TasbError
        If the file is damaged, or another number of processes wrote it.
    """
    path = folder / STATE_FILE
    if not path.is_file():
        return new
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        losses = [
            {
                name: torch.tensor(loss, device=learner.device)
                for name, loss in each.items()
            }
            for each in state["losses"]
        ]
        progress = Progress(
            state["step"],
            state["seconds"],
            state["tokens"],
            losses,
            state["loss"],
            Patience(**state["patience"]),
            state["stopped"],
        )
        learner.restore(state["learner"])
    except TasbError as error:
        raise TasbError(f"{path}: {error}") from error
    except (
        pickle.UnpicklingError,
        RuntimeError,
        EOFError,
        KeyError,
        TypeError,
    ) as error:
        remedy = "remove the folder and train again"
        raise InputError(path, None, "damaged", "a saved state", remedy) from error
    return progress


def _write(folder: Path, state: dict[str, Any]) -> None:
    with replace_bytes(folder / STATE_FILE) as file:
        try:
            torch.save(state, file)
        except RuntimeError as error:
            # torch closes its archive all the same, and fails again, of other things.
            if isinstance(error.__context__, OSError):
                raise error.__context__ from error
            raise
