"""What the trainer refuses, and when it stops."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from filelock import FileLock

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.log import LOG_FILE
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.record import read_result
from tasb_pyserini.training.state import STATE_FILE
from tasb_pyserini.training.tasks.dot import DotTask
from tasb_pyserini.training.teachers.loading import load_colbert, save_colbert
from tasb_pyserini.training.teachers.reads import Reads
from tasb_pyserini.training.trainer import train
from tasb_pyserini.training.validation import evaluate
from tests.training.runs import SHORT, validation_set
from tests.training.steps import toy_colbert
from tests.training.toy import Toy, toy_data, toy_student


def test_another_run_in_the_same_folder_is_refused_by_what_differs(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)
    folder = train(SHORT, data, start, tmp_path / "trained")
    weights = hash_weights(folder)
    fewer = replace(toy, triples=toy.triples[:-1])
    other = toy_student(tmp_path / "other", toy, seed=9)

    with pytest.raises(TasbError, match=r"config\.learning_rate: there 0\.001, here 0"):
        train(replace(SHORT, learning_rate=5e-4), data, start, folder)
    with pytest.raises(TasbError, match=r"data\.n_pairs: there .*; data\.pairs"):
        train(SHORT, toy_data(start, fewer), start, folder)
    with pytest.raises(TasbError, match=r"start\.weights"):
        train(SHORT, toy_data(other, toy), other, folder)
    assert hash_weights(folder) == weights


def test_a_live_colbert_reads_as_it_learned_to_or_is_refused(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    config = replace(SHORT, steps=1, in_batch_loss="tct-kl")
    plain = toy_data(start, toy)
    marked = replace(plain, spec=replace(plain.spec, query_prefix="[Q]"))
    published = toy_colbert(start, tmp_path / "published")  # its config says nothing
    model = load_colbert(published)
    model.reads = Reads("[Q]", "", 8)
    own = tmp_path / "own"
    save_colbert(model, own, tokenizer=start)

    with pytest.raises(TasbError, match=r"own: reads '\[Q\]' and '', the student '' a"):
        train(config, plain, start, tmp_path / "t", teacher=own, device="cpu")
    with pytest.raises(
        TasbError,
        match=r"own: learned with 8 \[MASK\] behind a query, teacher_masks is 0; exp",
    ):
        train(config, marked, start, tmp_path / "t", teacher=own, device="cpu")
    assert not (tmp_path / "t").exists()
    eight = replace(config, teacher_masks=8)
    for data, teacher, its in (
        (marked, own, eight),
        (marked, published, config),
        (plain, published, eight),
    ):
        output = tmp_path / f"{teacher.name}-{data.spec.query_prefix}"
        train(its, data, start, output, teacher=teacher, device="cpu")
        assert read_result(output)["steps"] == 1


def test_a_teacher_that_no_loss_listens_to_is_refused(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    teacher = toy_colbert(start, tmp_path / "colbert")

    with pytest.raises(
        TasbError,
        match="colbert: in_batch_loss contrastive has none; expected no --tea",
    ):
        train(SHORT, toy_data(start, toy), start, tmp_path / "t", teacher=teacher)
    assert not (tmp_path / "t").exists()


def test_masks_that_the_vocabulary_lacks_are_refused(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    maskless = tmp_path / "start"
    shutil.copytree(start, maskless)
    load_tokenizer(start).save(str(maskless / "tokenizer.json"))
    pieces = (maskless / "tokenizer.json").read_text()
    (maskless / "tokenizer.json").write_text(pieces.replace("[MASK]", "[other]"))
    teacher = toy_colbert(maskless, tmp_path / "colbert")
    config = replace(SHORT, steps=1, in_batch_loss="tct-kl", teacher_masks=2)
    data = toy_data(maskless, toy)

    with pytest.raises(TasbError, match=r"start: no \[MASK\] in its vocabulary; expec"):
        train(config, data, maskless, tmp_path / "t", teacher=teacher, device="cpu")
    assert not (tmp_path / "t").exists()


def test_a_folder_with_other_files_is_refused(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(TasbError, match="holds other files"):
        train(SHORT, toy_data(start, toy), start, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_one_process_trains_into_a_folder_at_a_time(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data, output = toy_data(start, toy), tmp_path / "t"
    output.mkdir()

    with (
        FileLock(output / ".lock"),
        pytest.raises(TasbError, match="t: another process is writing into it"),
    ):
        train(SHORT, data, start, output, device="cpu")
    assert not (output / LOG_FILE).exists()

    train(SHORT, data, start, output, device="cpu")
    assert read_result(output)["steps"] == SHORT.steps


def test_a_loss_that_is_no_number_stops_training_at_its_step(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    config = replace(SHORT, steps=20, learning_rate=1e30, log_every=7)

    with pytest.raises(
        TasbError, match=r"^loss nan at step 2 \(batch 1\): expected a number; the last"
    ):
        train(config, toy_data(start, toy), start, tmp_path / "t")
    assert not (tmp_path / "t" / STATE_FILE).exists()
    assert not (tmp_path / "t" / "model.safetensors").exists()


def test_weights_that_are_no_numbers_are_not_saved(
    toy: Toy, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The update of step 4 makes them so; its loss, of the weights before, is one."""
    config = replace(SHORT, checkpoint_every=2)
    data, output = toy_data(start, toy), tmp_path / "t"
    own = Learner.update

    def update(self: Learner, batches: Sequence[PairBatch], step: int) -> Losses:
        losses = own(self, batches, step)
        if step == 3:
            with torch.no_grad():
                next(self.model.parameters())[0, 0] = float("inf")
        return losses

    monkeypatch.setattr(Learner, "update", update)
    with pytest.raises(
        TasbError, match=r"^a weight is nan or inf after step 4: expected a number; the"
    ):
        train(config, data, start, output, device="cpu")
    monkeypatch.undo()
    assert torch.load(output / STATE_FILE, weights_only=True)["step"] == 2

    train(config, data, start, output, device="cpu")
    undisturbed = train(config, data, start, tmp_path / "u", device="cpu")
    assert hash_weights(output) == hash_weights(undisturbed)


def test_a_memory_that_is_too_small_is_one_line_with_what_needs_less(
    toy: Toy, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GPU's: torch raises this error of no other memory."""
    data, chosen = toy_data(start, toy), validation_set(start, toy, 4)

    def full(*_: object, **__: object) -> Losses:
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2 GiB.")

    def run() -> str:
        with pytest.raises(TasbError) as error:
            train(SHORT, data, start, tmp_path / "t", validation=chosen, device="cpu")
        return str(error.value)

    with monkeypatch.context() as patch:
        patch.setattr(DotTask, "learn", full)
        assert run() == (
            "cpu: its memory is too small for batches of 4; end what else runs on it, "
            "or train into another folder with --mixed-precision bf16, with "
            "--cache-chunk 8 (a student), or with a smaller --batch-size and "
            "--accumulate"
        )
    monkeypatch.setattr(evaluate, "encode_texts", full)
    assert run() == (
        "cpu: its memory is too small for validation by 16 texts; end what else runs "
        "on it, or train into another folder with --mixed-precision bf16 or with a "
        "--validation of fewer candidates ('tasb make-validation')"
    )


def test_what_does_not_fit_is_refused_before_anything_is_written(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)
    other = toy_student(tmp_path / "other", toy, seed=9)
    long = replace(data, spec=replace(data.spec, passage_max_length=513))
    output = tmp_path / "t"

    with pytest.raises(
        TasbError, match="48 training queries do not fill a batch of 64"
    ):
        train(replace(SHORT, batch_size=64), data, start, output)
    with pytest.raises(TasbError, match="'fp16' on a CPU"):
        train(replace(SHORT, mixed_precision="fp16"), data, start, output, device="cpu")
    with pytest.raises(TasbError, match="not the checkpoint that the training data"):
        train(SHORT, data, other, output)
    with pytest.raises(TasbError, match="takes at most 512 tokens"):
        train(SHORT, long, start, output)
    assert not output.exists()


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("exploded"),)  # type: ignore[return-value]


def test_a_saved_state_runs_no_code(
    toy: Toy, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = toy_data(start, toy)
    folder = train(SHORT, data, start, tmp_path / "t")
    record = json.loads((folder / "training.json").read_text())
    del record["result"]
    (folder / "training.json").write_text(json.dumps(record))

    torch.save({"step": Bomb()}, folder / STATE_FILE)
    with pytest.raises(InputError, match=r"state\.pt: damaged; expected a saved state"):
        train(SHORT, data, start, folder)
    (folder / STATE_FILE).write_bytes(b"half a fi")
    with pytest.raises(InputError, match=r"state\.pt: damaged; expected a saved state"):
        train(SHORT, data, start, folder)
    assert not (tmp_path / "exploded").exists()
