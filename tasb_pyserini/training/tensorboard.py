"""The log of a run for TensorBoard, where that is installed."""

from importlib import import_module
from pathlib import Path
from typing import Any

TENSORBOARD_FOLDER = "tensorboard"


def open_tensorboard(folder: Path, step: int) -> Any | None:
    """Return a ``SummaryWriter`` into a run's folder; None without TensorBoard.

    What a killed run wrote about updates after `step` is no longer shown.
    """
    try:
        library = import_module("torch.utils.tensorboard")
    except ImportError:
        return None
    return library.SummaryWriter(folder / TENSORBOARD_FOLDER, purge_step=step + 1)
