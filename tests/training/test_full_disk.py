"""A disk that is full while a checkpoint is written: the last one stays whole.

The system's limit on the size of a file stands for the end of the disk: a write beyond
it fails in the middle of the file, as on a full disk.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.formats.errors import TasbError, in_one_line
from tasb_pyserini.training import loop
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.state import STATE_FILE, Progress, save_state
from tasb_pyserini.training.trainer import train
from tests.training.toy import make_toy, toy_data, toy_student

CONFIG = TrainingConfig(steps=8, batch_size=4, checkpoint_every=4, log_every=2)


@contextmanager
def limit_kept() -> Iterator[None]:
    """Put the limit on the size of files back afterwards."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def run(start: Path, output: Path) -> None:
    train(CONFIG, toy_data(start, make_toy()), start, output, device="cpu")


@pytest.mark.parametrize(
    ("step", "room", "unwritten"),
    [
        (4, 4_096, STATE_FILE),
        (4, 300_000, STATE_FILE),
        (8, 100_000, "model.safetensors"),
        (8, 100, ""),
    ],
)
def test_a_full_disk_leaves_the_last_state_whole_and_the_run_goes_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
    room: int,
    unwritten: str,
) -> None:
    start, output = toy_student(tmp_path / "start", make_toy()), tmp_path / "trained"

    def save_then_fill(folder: Path, progress: Progress, learner: Learner) -> None:
        save_state(folder, progress, learner)
        if progress.step == step:
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))

    with monkeypatch.context() as patch, limit_kept():
        patch.setattr(loop, "save_state", save_then_fill)
        with pytest.raises(TasbError) as full:
            run(start, output)

    said = in_one_line(full.value)
    assert said.startswith(f"{output / unwritten}: not written: ")
    assert "File too large" in said
    assert torch.load(output / STATE_FILE, weights_only=True)["step"] == step
    assert [path.name for path in output.glob(".*")] == [".lock"]
    assert not (output / "model.safetensors").exists()

    run(start, output)
    run(start, tmp_path / "undisturbed")
    assert hash_weights(output) == hash_weights(tmp_path / "undisturbed")
    assert not (output / STATE_FILE).exists()
