"""A short run that draws new negatives, and what its log says of them."""

from pathlib import Path

from tasb_pyserini.training.config import TrainingConfig
from tests.training.runs import log_of

CONFIG = TrainingConfig(
    steps=40,
    batch_size=4,
    learning_rate=1e-3,
    refresh_every=10,
    refresh_depth=5,
    refresh_negatives=2,
    log_every=5,
    checkpoint_every=7,
)


def losses_of(folder: Path) -> list[float]:
    return [line["loss"] for line in log_of(folder) if "loss" in line]


def refreshes_of(folder: Path) -> dict[int, float]:
    """Return the steps of new negatives, and the share of queries that they changed."""
    return {
        int(line["step"]): line["refresh_changed"]
        for line in log_of(folder)
        if "refresh_changed" in line
    }
