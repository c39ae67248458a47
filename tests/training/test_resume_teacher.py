"""A teacher's training killed with SIGKILL, in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.state import STATE_FILE
from tasb_pyserini.training.teachers.kind import Kind
from tasb_pyserini.training.train_teacher import train_teacher
from tests.training.runs import losses_by_step
from tests.training.toy import make_toy, toy_data, toy_student

CONFIG = TrainingConfig(
    steps=70, batch_size=4, learning_rate=1e-3, log_every=7, checkpoint_every=10
)


def main(kind: Kind, start: Path, output: Path) -> None:
    data = toy_data(start, make_toy())
    train_teacher(kind, CONFIG, data, start, output, device="cpu")


@pytest.mark.parametrize("kind", ["colbert", "cat"])
def test_a_killed_run_ends_with_the_weights_of_an_undisturbed_one(
    tmp_path: Path, kind: Kind
) -> None:
    start = toy_student(tmp_path / "start", make_toy())
    killed = tmp_path / "killed"
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, kind, str(start), str(killed)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "OMP_NUM_THREADS": f"{torch.get_num_threads()}"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while process.poll() is None:
            log = losses_by_step(killed)
            if log and log[-1][0] >= 28 and (killed / STATE_FILE).exists():
                break
            time.sleep(0.002)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL, process.communicate()[1]
    assert not (killed / "model.safetensors").exists()
    (
        killed / ".export.abcd1234.unfinished"
    ).mkdir()  # as of a process killed while it wrote
    before = (killed / "log.jsonl").read_text().splitlines()[: 20 // 7]

    main(kind, start, killed)
    main(kind, start, tmp_path / "undisturbed")

    assert hash_weights(killed) == hash_weights(tmp_path / "undisturbed")
    assert losses_by_step(killed) == losses_by_step(tmp_path / "undisturbed")
    # Lines hold measured speeds: those that are the same were not written again.
    assert (killed / "log.jsonl").read_text().splitlines()[: len(before)] == before
    assert {path.name for path in killed.iterdir()} == {
        path.name for path in (tmp_path / "undisturbed").iterdir()
    }


if __name__ == "__main__":
    main("cat" if sys.argv[1] == "cat" else "colbert", *map(Path, sys.argv[2:]))
