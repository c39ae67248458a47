"""Two processes end with the weights of one that had the whole batches."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.log import LOG_FILE
from tasb_pyserini.training.record import RECORD_FILE, read_result
from tasb_pyserini.training.trainer import train
from tests.training.processes import launch
from tests.training.runs import validation_set
from tests.training.steps import scored_data, toy_bert, toy_colbert, without_dropout
from tests.training.threads import one_thread
from tests.training.toy import make_toy, toy_student

SHORT = TrainingConfig(
    steps=4,
    batch_size=6,
    learning_rate=1e-3,
    log_every=1,
    checkpoint_every=2,
    validate_every=4,
)
DUAL = replace(SHORT, pair_loss="margin-mse", in_batch_loss="margin-mse")
BERT = "of a BERT"
CONFIGS = {
    "contrastive": replace(SHORT, gather=True),
    "dual": replace(DUAL, gather=True),
    "dual in chunks, accumulated": replace(
        DUAL, gather=True, cache_chunk=2, accumulate=2, encode_query="twice"
    ),
    "pairs alone": replace(SHORT, pair_loss="margin-mse", in_batch_loss="none"),
    BERT: replace(SHORT, gather=True),
}


def main(start: Path, teacher: Path, output: Path) -> None:
    """Train with each configuration in turn, in one process or in several."""
    for name, config in CONFIGS.items():
        own = start_of(name, start)
        data = scored_data(own, make_toy())
        folder = output / name.replace(",", "").replace(" ", "-")
        train(
            config,
            data,
            own,
            folder,
            teacher=teacher if config.needs_colbert else None,
            validation=validation_set(own, make_toy(), 5),  # no multiple of processes
            device="cpu",
        )


def start_of(name: str, start: Path) -> Path:
    return start.with_name("bert") if name == BERT else start


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Return the start, what one process made of it, and what two did."""
    root = tmp_path_factory.mktemp("ddp")
    start = without_dropout(toy_student(root / "a", make_toy()), root / "start")
    toy_bert(start, start_of(BERT, start))
    teacher = toy_colbert(start, root / "teacher")
    with one_thread():
        main(start, teacher, root / "one")
    two = launch(start, teacher, root / "two", module=__name__)
    assert two.returncode == 0, two.stderr
    return start, root / "one", root / "two"


@pytest.mark.parametrize("name", CONFIGS)
def test_two_processes_equal_one_with_the_same_whole_batches(
    folders: tuple[Path, Path, Path], name: str
) -> None:
    start, one, two = folders
    folder = name.replace(",", "").replace(" ", "-")
    before, alone, together = (
        dict(load_model(*find_checkpoint(str(path))).named_parameters())
        for path in (start_of(name, start), one / folder, two / folder)
    )
    moved = 0.0
    for key, weight in alone.items():
        # A key's bias moves no score: its gradient is rounding error alone.
        if not key.endswith(("k_lin.bias", "key.bias")):
            torch.testing.assert_close(
                together[key], weight, atol=1e-5, rtol=1e-5, msg=key
            )
            moved = max(moved, float((weight - before[key]).detach().abs().max()))
    assert moved > 1e-3


@pytest.mark.parametrize("name", [name for name in CONFIGS if CONFIGS[name].gather])
def test_the_log_of_two_processes_that_gather_is_that_of_one(
    folders: tuple[Path, Path, Path], name: str
) -> None:
    _, one, two = folders
    folder = name.replace(",", "").replace(" ", "-")
    alone, together = (read_result(path / folder) for path in (one, two))
    assert together["loss"] == pytest.approx(alone["loss"], rel=1e-4)


@pytest.mark.parametrize("name", CONFIGS)
def test_two_processes_validate_as_one(
    folders: tuple[Path, Path, Path], name: str
) -> None:
    _, one, two = folders
    folder = name.replace(",", "").replace(" ", "-")
    alone, together = (read_result(path / folder) for path in (one, two))
    assert together["best_validation"] == pytest.approx(alone["best_validation"])


def test_one_process_writes_a_whole_folder(folders: tuple[Path, Path, Path]) -> None:
    _, one, two = folders
    for folder in one.iterdir():
        names = sorted(path.name for path in folder.iterdir())
        assert names == sorted(path.name for path in (two / folder.name).iterdir())
        lines = (two / folder.name / LOG_FILE).read_text().splitlines()
        assert sum("learning_rate" in line for line in lines) == SHORT.steps
        assert (two / folder.name / RECORD_FILE).is_file()
        vectors = Encoder.load(f"tasb:{two / folder.name}").encode_queries(["a dog"])
        assert vectors.shape == (1, 32)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
