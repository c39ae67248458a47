"""Validation decides when training ends and which weights are exported."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.best import BestCheckpoints
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.record import Record, read_result
from tasb_pyserini.training.state import STATE_FILE
from tasb_pyserini.training.trainer import train
from tasb_pyserini.training.validation.evaluate import validate
from tests.training.runs import validation_set
from tests.training.toy import Toy, make_toy, toy_data

CONFIG = TrainingConfig(
    steps=60,
    batch_size=6,
    learning_rate=3e-3,
    validate_every=5,
    stop_not_before=0,
    log_every=10,
    keep=3,
)


def run(start: Path, toy: Toy, output: Path, **settings: object) -> Path:
    config = replace(CONFIG, **settings)  # type: ignore[arg-type]  # a test's own
    data, chosen = toy_data(start, toy), validation_set(start, toy)
    return train(config, data, start, output, validation=chosen, device="cpu")


def validations(folder: Path) -> dict[int, float]:
    lines = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    return {line["step"]: line["validation"] for line in lines if "validation" in line}


def best_of(folder: Path) -> dict[int, float]:
    read = json.loads((folder / "best" / "best.json").read_text())
    return {int(step): value for step, value in read.items()}


@pytest.fixture(scope="module")
def trained(toy: Toy, start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(start, toy, tmp_path_factory.mktemp("run") / "trained")


def test_the_model_is_validated_every_so_many_steps(trained: Path) -> None:
    assert list(validations(trained)) == list(range(5, 61, 5))


def test_a_validation_shows_how_far_it_is(
    toy: Toy, start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, chosen = toy_data(start, toy), validation_set(start, toy)
    config = replace(CONFIG, steps=1)
    folder = tmp_path / "shown"
    train(config, data, start, folder, validation=chosen, device="cpu", progress=True)
    assert "/60 [" in capsys.readouterr().err  # 48 queries and 12 passages


def test_the_n_best_checkpoints_are_kept_and_each_is_an_encoder(trained: Path) -> None:
    values = validations(trained)
    ranked = sorted(values, key=lambda step: (-values[step], step))
    assert best_of(trained) == {step: values[step] for step in ranked[:3]}
    folders = {path.name for path in (trained / "best").iterdir() if path.is_dir()}
    assert folders == {f"step-{step}" for step in ranked[:3]}
    for name in folders:
        encoder = Encoder.load(f"tasb:{trained / 'best' / name}")
        assert encoder.encode_queries(["dog"]).shape == (1, 32)
        written = json.loads((trained / "best" / name / "encoder.json").read_text())
        assert written["checkpoint"] == name


def test_a_kept_checkpoint_validates_as_the_log_says(
    trained: Path, toy: Toy, start: Path
) -> None:
    for step, value in best_of(trained).items():
        folder = trained / "best" / f"step-{step}"
        model = load_model(*find_checkpoint(str(folder)))
        found = validate(model, validation_set(start, toy), torch.device("cpu"))
        assert found == pytest.approx(value, abs=1e-6)


def test_the_best_checkpoint_is_exported(trained: Path) -> None:
    values = validations(trained)
    best = min(values, key=lambda step: (-values[step], step))
    result = read_result(trained)
    assert (result["best_step"], result["best_validation"]) == (best, values[best])
    assert hash_weights(trained) == hash_weights(trained / "best" / f"step-{best}")
    assert values[best] > values[5]
    assert f"after {best}" in (trained / "README.md").read_text()


def test_validation_leaves_the_course_of_training_as_it_is(
    trained: Path, toy: Toy, start: Path, tmp_path: Path
) -> None:
    config = replace(CONFIG, validate_every=1)
    plain = train(config, toy_data(start, toy), start, tmp_path / "p", device="cpu")
    losses = [
        [
            line["loss"]
            for line in map(json.loads, (folder / "log.jsonl").open())
            if "loss" in line
        ]
        for folder in (trained, plain)
    ]
    assert losses[0] == losses[1]
    assert not (plain / "best").exists()


def test_patience_ends_training_before_its_last_step(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    """With a rate this low nothing moves, and the second validation is no better."""
    folder = run(
        start,
        toy,
        tmp_path / "t",
        learning_rate=1e-12,
        patience=2,
        stop_not_before=20,
        log_every=50,
    )
    assert list(validations(folder)) == [5, 10, 15, 20]
    result = read_result(folder)
    assert (result["steps"], result["best_step"]) == (20, 5)
    assert result["loss"] > 0
    assert hash_weights(folder) == hash_weights(folder / "best" / "step-5")
    assert not (folder / STATE_FILE).exists()


def test_patience_is_part_of_the_saved_state(
    toy: Toy, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted at step 15, it goes on from 12, where it had waited once."""
    settings = {"learning_rate": 1e-12, "patience": 2, "stop_not_before": 20}
    values = iter((validate, validate))

    def interrupted(*args: object, **named: object) -> float:
        for value in values:
            return value(*args, **named)  # type: ignore[arg-type]  # passed on
        raise KeyboardInterrupt

    monkeypatch.setattr("tasb_pyserini.training.trainer.validate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(start, toy, tmp_path / "t", checkpoint_every=6, **settings)
    monkeypatch.undo()
    folder = run(start, toy, tmp_path / "t", checkpoint_every=6, **settings)

    result = read_result(folder)
    assert (result["steps"], result["best_step"]) == (20, 5)


def test_each_validation_set_and_none_makes_another_run(
    toy: Toy, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Record] = []

    def keep(*args: Any, **_: Any) -> None:
        records.append(args[5])

    monkeypatch.setattr("tasb_pyserini.training.trainer.fit", keep)
    data = toy_data(start, toy)
    for chosen in (None, validation_set(start, toy), validation_set(start, toy, 47)):
        train(CONFIG, data, start, tmp_path, validation=chosen, device="cpu")

    found = [record["data"].pop("validation") for record in records]
    assert found[0] is None
    assert len(set(found)) == 3
    assert records[0] == records[1] == records[2]


def test_an_interrupted_run_goes_on_with_its_own_validation_set_alone(
    toy: Toy, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would compare with the values of another, or export by them."""
    config = replace(CONFIG, steps=12, checkpoint_every=5)
    data, own = toy_data(start, toy), validation_set(start, toy)
    output = tmp_path / "t"

    def interrupted(*_: object, **__: object) -> float:
        if (output / STATE_FILE).exists():
            raise KeyboardInterrupt
        return 0.5

    monkeypatch.setattr("tasb_pyserini.training.trainer.validate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(config, data, start, output, validation=own, device="cpu")
    monkeypatch.undo()
    there = best_of(output)

    def refuse() -> None:
        for other in (validation_set(start, toy, 47), None):
            with pytest.raises(
                TasbError, match=r"another run \(data\.validation: there"
            ):
                train(config, data, start, output, validation=other, device="cpu")

    refuse()
    assert best_of(output) == there
    train(config, data, start, output, validation=own, device="cpu")
    assert read_result(output)["steps"] == 12
    refuse()


@pytest.mark.parametrize("validated", [True, False])
def test_a_run_whose_record_is_older_than_this_goes_on(
    toy: Toy, start: Path, tmp_path: Path, validated: bool
) -> None:
    config, data = replace(CONFIG, steps=6), toy_data(start, toy)
    chosen = validation_set(start, toy) if validated else None
    output = tmp_path / "t"
    train(config, data, start, output, validation=chosen, device="cpu")
    record = json.loads((output / "training.json").read_text())
    del record["data"]["validation"], record["result"]
    (output / "training.json").write_text(json.dumps(record))

    train(config, data, start, output, validation=chosen, device="cpu")

    assert read_result(output)["steps"] == 6


def test_a_loss_that_is_no_number_keeps_the_last_saved_state(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    """After step 1 the weights are so large that no vector can be computed."""
    settings = {"learning_rate": 1e25, "accumulate": 2}
    with pytest.raises(TasbError, match=r"loss nan at step 2 \(batch 2\)"):
        run(start, toy, tmp_path / "a", checkpoint_every=1, **settings)
    # Step 1 was made from numbers: its state was saved, and is whole.
    state = torch.load(tmp_path / "a" / STATE_FILE, weights_only=True)
    assert state["step"] == 1
    assert not (tmp_path / "a" / "model.safetensors").exists()


def test_checkpoints_that_a_killed_process_had_left_are_removed(
    trained: Path, toy: Toy, start: Path, tmp_path: Path
) -> None:
    kept = shutil.copytree(trained / "best", tmp_path / "best")
    for name in ("step-7", ".step-10.x7y"):
        shutil.copytree(trained / "best" / f"step-{min(best_of(trained))}", kept / name)
    (kept / ".best.json.ab1").write_text("{")
    model = load_model(*find_checkpoint(str(start)))
    spec = toy_data(start, toy).spec

    BestCheckpoints(tmp_path, 3, model, spec, start).offer(65, 0.0)

    assert {path.name for path in kept.iterdir()} == {
        *("best.json", *(f"step-{step}" for step in best_of(trained)))
    }


def main(start: Path, output: Path, die_at: str) -> None:
    """Train; killed when the n-th validation is over, before it is taken in."""
    calls: Iterator[int] = iter(range(1, 100))

    def dying(*args: object, **settings: object) -> float:
        value = validate(*args, **settings)  # type: ignore[arg-type]  # passed on
        if str(next(calls)) == die_at:
            os.kill(os.getpid(), 9)
        return value

    patch = pytest.MonkeyPatch()
    patch.setattr("tasb_pyserini.training.trainer.validate", dying)
    run(start, make_toy(), output, checkpoint_every=18)


def test_killed_between_validations_it_ends_as_an_undisturbed_run(
    trained: Path, start: Path, tmp_path: Path
) -> None:
    output = tmp_path / "killed"
    for die_at in ("5", "never"):
        process = subprocess.run(
            [sys.executable, "-m", __name__, str(start), str(output), die_at],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert process.returncode == (0 if die_at == "never" else -9), process.stderr
    assert hash_weights(output) == hash_weights(trained)
    assert validations(output) == validations(trained)
    assert best_of(output) == best_of(trained)
    names = [sorted(path.name for path in f.rglob("*")) for f in (output, trained)]
    assert names[0] == names[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
