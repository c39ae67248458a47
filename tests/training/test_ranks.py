"""Two processes end together, and go on as they were."""

import contextlib
import os
import resource
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.state import STATE_FILE
from tasb_pyserini.training.trainer import train
from tasb_pyserini.training.validation import evaluate
from tests.training.processes import launch
from tests.training.runs import validation_set
from tests.training.toy import make_toy, toy_data, toy_student

CONFIG = TrainingConfig(
    steps=6, batch_size=6, learning_rate=1e-3, log_every=4, checkpoint_every=2
)
pytestmark = pytest.mark.slow  # each starts two processes
RANK = int(os.environ.get("RANK", "0"))


def run(start: Path, output: Path, *, validated: bool = False) -> None:
    toy = make_toy()
    chosen = validation_set(start, toy, 4) if validated else None
    config = replace(CONFIG, validate_every=2)
    data = toy_data(start, toy)
    train(config, data, start, output, validation=chosen, device="cpu")


def into_a_folder_with_other_files(start: Path, output: Path) -> None:
    if RANK == 0:
        output.mkdir()
        (output / "notes.txt").write_text("mine")
    run(start, output)


def on_a_full_disk(start: Path, output: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if RANK == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
    try:
        run(start, output)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def with_a_validation_that_fails_in_the_second(start: Path, output: Path) -> None:

    def fails(*args: object, **named: object) -> Tensor:
        raise TasbError("validation: a score is no number")

    with pytest.MonkeyPatch.context() as patch:
        if RANK == 1:
            patch.setattr(evaluate, "encode_texts", fails)
        run(start, output, validated=True)


def with_a_loss_that_is_no_number_in_the_second(start: Path, output: Path) -> None:
    own = Learner.update

    def update(self: Learner, *args: object) -> Losses:
        losses = own(self, *args)  # type: ignore[arg-type]  # passed on
        return {"loss": losses["loss"] * (float("nan") if RANK == 1 else 1)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "update", update)
        run(start, output)


def interrupted(start: Path, output: Path) -> None:
    """Stop in step 4, after the state of step 2 was saved."""
    own = Learner.update

    def update(self: Learner, batches: object, step: int) -> Losses:
        if step == 3:
            raise KeyboardInterrupt
        return own(self, batches, step)  # type: ignore[arg-type]  # passed on

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "update", update)
        with contextlib.suppress(KeyboardInterrupt):
            run(start, output)
    if RANK == 0:
        shutil.copytree(output, output.with_name("left"))


FAILING: dict[str, Callable[[Path, Path], None]] = {
    "other files": into_a_folder_with_other_files,
    "full disk": on_a_full_disk,
    "validation": with_a_validation_that_fails_in_the_second,
    "loss": with_a_loss_that_is_no_number_in_the_second,
}
MESSAGES = {
    "other files": "holds other files; expected a new or empty folder",
    "full disk": f"{STATE_FILE}: not written: File too large",
    "validation": "validation: a score is no number",
    "loss": "loss nan at step 1 (batch 0): expected a number",
}


def main(start: Path, output: Path) -> None:
    for name, fails in FAILING.items():
        try:
            fails(start, output / name)
        except TasbError as error:
            (output / f"{name}-{RANK}.txt").write_text(str(error))
    run(start, output / "undisturbed")
    (output / "wait.txt").write_text(str(longest_wait()))
    interrupted(start, output / "interrupted")
    run(start, output / "interrupted")


def longest_wait() -> float:
    """Return the seconds after which a process no longer waits for another."""
    group = torch.distributed.group.WORLD
    assert group is not None
    backend = group._get_backend(torch.device("cpu"))
    return float(backend.options._timeout.total_seconds())


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the start, with dropout, and what two processes wrote."""
    root = tmp_path_factory.mktemp("ranks")
    start, output = toy_student(root / "start", make_toy()), root / "two"
    output.mkdir()
    two = launch(start, output, module=__name__)
    assert two.returncode == 0, two.stderr
    return start, output


def test_processes_wait_for_hours_of_work_in_one_of_them(
    folders: tuple[Path, Path],
) -> None:
    """torch's own limit is half an hour, and 10 minutes on GPUs."""
    assert float((folders[1] / "wait.txt").read_text()) >= 12 * 3_600


@pytest.mark.parametrize("name", FAILING)
def test_an_error_in_one_process_ends_both_with_the_same_line(
    folders: tuple[Path, Path], name: str
) -> None:
    said = [(folders[1] / f"{name}-{rank}.txt").read_text() for rank in (0, 1)]
    assert said[0] == said[1]
    assert MESSAGES[name] in said[0]
    assert "\n" not in said[0]


def test_interrupted_they_end_with_the_weights_of_an_undisturbed_run(
    folders: tuple[Path, Path],
) -> None:
    """With dropout, which each process draws for itself."""
    _, output = folders
    left = torch.load(output / "left" / STATE_FILE, weights_only=True)
    first, second = (each["cpu"] for each in left["learner"]["random_states"])

    assert left["step"] == 2
    assert not torch.equal(first, second)
    assert hash_weights(output / "interrupted") == hash_weights(output / "undisturbed")


def test_going_on_with_another_number_of_processes_is_refused(
    folders: tuple[Path, Path],
) -> None:
    start, output = folders
    with pytest.raises(
        TasbError,
        match=r"state\.pt: saved by 2 processes, now there is 1; expected 2 again, or",
    ):
        run(start, output / "left")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
