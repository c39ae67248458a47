"""The state of a run, saved so that a killed one goes on exactly where it was."""

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.files import replace_bytes
from tasb_pyserini.training.learner import Learner

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
    losses
        Of the updates since the last line of the log, on the model's device.
    loss
        The mean in the last line of the log.
    """

    step: int = 0
    seconds: float = 0.0
    losses: list[Tensor] = field(default_factory=list)
    loss: float = float("nan")


def save_state(folder: Path, progress: Progress, learner: Learner) -> None:
    """Write progress, weights, optimizer and random state into one file, atomically."""
    state = {
        "step": progress.step,
        "seconds": progress.seconds,
        "losses": [loss.item() for loss in progress.losses],
        "loss": progress.loss,
        "learner": learner.state(),
    }
    with replace_bytes(folder / STATE_FILE) as file:
        torch.save(state, file)


def restore_state(folder: Path, learner: Learner) -> Progress:
    """Read what :func:`save_state` wrote; for a new run there is nothing to read.

    torch's ``weights_only`` loader reads it: code in the file would not run.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = folder / STATE_FILE
    if not path.is_file():
        return Progress()
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        losses = [torch.tensor(loss, device=learner.device) for loss in state["losses"]]
        progress = Progress(state["step"], state["seconds"], losses, state["loss"])
        learner.restore(state["learner"])
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError) as error:
        remedy = "remove the folder and train again"
        raise InputError(path, None, "damaged", "a saved state", remedy) from error
    return progress
