"""Training killed with SIGKILL, in a process of its own."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.training.state import STATE_FILE
from tests.training.runs import losses_by_step
from tests.training.toy import make_toy, toy_data, toy_student

STEPS = 600


def main(start: Path, output: Path) -> None:
    from tasb_pyserini.training.config import TrainingConfig
    from tasb_pyserini.training.trainer import train

    config = TrainingConfig(
        steps=STEPS, learning_rate=1e-3, log_every=7, checkpoint_every=25
    )
    train(config, toy_data(start, make_toy()), start, output, device="cpu")


Process = subprocess.Popen[str]
Launch = Callable[[Path, Path], Process]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Start processes, none of which outlives the test."""
    processes: list[Process] = []

    def start_one(start: Path, output: Path) -> Process:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(start), str(output)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start_one
    for process in processes:
        process.kill()
        process.wait()


def kill_at(process: Process, output: Path, step: int, later: float = 0) -> None:
    """Wait until the log has passed `step` and a state is saved, then kill.

    `later` are seconds to wait after that.
    """
    while process.poll() is None:
        log = losses_by_step(output)
        if log and log[-1][0] >= step and (output / STATE_FILE).exists():
            time.sleep(later)
            process.kill()
            break
        time.sleep(0.002)
    assert process.wait() == -signal.SIGKILL, process.communicate()[1]


@pytest.mark.slow
def test_a_run_killed_twice_ends_with_the_weights_of_an_undisturbed_one(
    launch: Launch, tmp_path: Path
) -> None:
    start = toy_student(tmp_path / "start", make_toy())
    killed = tmp_path / "killed"
    undisturbed = launch(start, tmp_path / "undisturbed")

    for step in (60, 300):
        kill_at(launch(start, killed), killed, step)
        assert not (killed / "model.safetensors").exists()
    # Lines hold measured speeds: those that are the same were not written again.
    before = (killed / "log.jsonl").read_text().splitlines()[: 300 // 25 * 25 // 7]
    last = launch(start, killed)

    assert last.wait() == 0, last.communicate()[1]
    assert undisturbed.wait() == 0, undisturbed.communicate()[1]
    assert hash_weights(killed) == hash_weights(tmp_path / "undisturbed")
    assert losses_by_step(killed) == losses_by_step(tmp_path / "undisturbed")
    assert (killed / "log.jsonl").read_text().splitlines()[: len(before)] == before
    assert losses_by_step(killed)[-1][0] == STEPS
    assert not (killed / STATE_FILE).exists()


@pytest.mark.slow
def test_a_run_killed_at_ten_random_moments_ends_as_an_undisturbed_one(
    launch: Launch, tmp_path: Path
) -> None:
    start = toy_student(tmp_path / "start", make_toy())
    killed, moments = tmp_path / "killed", random.Random(4)
    undisturbed = launch(start, tmp_path / "undisturbed")
    for _ in range(2):  # while it starts, or soon after
        process = launch(start, killed)
        time.sleep(moments.uniform(0, 3))
        process.kill()
        assert process.wait() == -signal.SIGKILL, process.communicate()[1]
    for step in sorted(moments.sample(range(STEPS - 50), 8)):
        kill_at(launch(start, killed), killed, step, later=moments.uniform(0, 0.05))
    last = launch(start, killed)

    assert last.wait() == 0, last.communicate()[1]
    assert undisturbed.wait() == 0, undisturbed.communicate()[1]
    assert hash_weights(killed) == hash_weights(tmp_path / "undisturbed")
    assert losses_by_step(killed) == losses_by_step(tmp_path / "undisturbed")
    names = [
        sorted(path.name for path in folder.glob("[!.]*"))
        for folder in (killed, tmp_path / "undisturbed")
    ]
    assert names[0] == names[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
