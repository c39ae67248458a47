import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.formats.errors import TasbError
from tests.teachers import (
    PAIRS,
    PASSAGES,
    QUERIES,
    make_teacher,
    plain_scores,
    scores_of_ids,
)


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
@pytest.mark.parametrize("labels", [1, 2])
def test_scores_are_those_of_plain_transformers(
    tmp_path: Path, kind: str, labels: int
) -> None:
    folder = make_teacher(tmp_path / "t", kind, labels=labels)
    teacher = CrossEncoder.load(str(folder), device="cpu")
    texts = [(QUERIES[query], PASSAGES[passage]) for query, passage in PAIRS]
    expected = plain_scores(folder, texts)
    assert scores_of_ids(teacher) == pytest.approx(expected, abs=1e-5)
    assert max(expected) - min(expected) > 0.1
    assert teacher.max_length == 40


def test_weights_in_a_bin_file_give_the_same_scores(tmp_path: Path) -> None:
    safe = CrossEncoder.load(str(make_teacher(tmp_path / "safe")), device="cpu")
    old = CrossEncoder.load(
        str(make_teacher(tmp_path / "bin", form="bin")), device="cpu"
    )
    assert scores_of_ids(old) == pytest.approx(scores_of_ids(safe), abs=1e-6)
    assert old.fingerprint() == safe.fingerprint()


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    teacher = CrossEncoder.load(str(make_teacher(tmp_path / "t")), device="cpu")
    before = teacher.fingerprint()
    with torch.no_grad():
        next(teacher.model.parameters())[0, 0] += 1
    assert teacher.fingerprint() != before


def test_a_score_does_not_depend_on_the_other_pairs(tmp_path: Path) -> None:
    teacher = CrossEncoder.load(str(make_teacher(tmp_path / "t")), device="cpu")
    alone = [scores_of_ids(teacher, [pair])[0] for pair in PAIRS]
    assert scores_of_ids(teacher) == pytest.approx(alone, abs=1e-6)
    assert scores_of_ids(teacher, []) == []


def test_bf16_is_close_and_its_scores_keep_their_small_steps(tmp_path: Path) -> None:
    folder = str(make_teacher(tmp_path / "t"))
    full = scores_of_ids(CrossEncoder.load(folder, device="cpu"))
    half = scores_of_ids(CrossEncoder.load(folder, device="cpu", precision="bf16"))
    assert half == pytest.approx(full, abs=0.1)
    assert half != pytest.approx(full, abs=1e-6)
    # A last layer in bf16 would leave no score with more than 8 significant bits.
    assert any(torch.tensor(s).bfloat16().item() != s for s in half)


def test_more_labels_than_two_are_refused(tmp_path: Path) -> None:
    folder = make_teacher(tmp_path / "t", labels=3)
    with pytest.raises(TasbError, match=r"t: 3 labels; expected one \(a score\) or"):
        CrossEncoder.load(str(folder), device="cpu")


def test_a_model_without_a_head_is_refused(tmp_path: Path) -> None:
    folder = make_teacher(tmp_path / "t")
    config = BertConfig.from_pretrained(folder)
    BertModel(config).save_pretrained(folder)
    with pytest.raises(TasbError, match=r"weights lack 'classifier\.bias'; expected a"):
        CrossEncoder.load(str(folder), device="cpu")


class Code:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (self.command,)


def test_code_in_weights_does_not_run(tmp_path: Path) -> None:
    folder = make_teacher(tmp_path / "t", form="bin")
    proof = tmp_path / "ran"
    torch.save({"weight": Code(f"touch {proof}")}, folder / "pytorch_model.bin")
    with pytest.raises(TasbError, match="can't be loaded"):
        CrossEncoder.load(str(folder), device="cpu")
    assert not proof.exists()


def bring_code(folder: Path, proof: Path, kind: str) -> None:
    (folder / "own.py").write_text(f"open({str(proof)!r}, 'w')\n")
    config = json.loads((folder / "config.json").read_text())
    names = ("AutoConfig", "AutoModelForSequenceClassification")
    config["auto_map"] = {name: f"own.{name}" for name in names}
    config["model_type"] = kind
    (folder / "config.json").write_text(json.dumps(config))


def test_code_beside_weights_does_not_run(tmp_path: Path) -> None:
    folder, proof = make_teacher(tmp_path / "t"), tmp_path / "ran"
    bring_code(folder, proof, "bert")  # which transformers knows: its class is taken
    CrossEncoder.load(str(folder), device="cpu")
    bring_code(folder, proof, "unknown")
    with pytest.raises(TasbError, match=r"can't be loaded \(.* custom code"):
        CrossEncoder.load(str(folder), device="cpu")
    assert not proof.exists()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more\n")


BELONG = "expected a tokenizer and a model that belong together"


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("config.json", Path.unlink, "no config.json; expected a sequence-class"),
        ("config.json", cut, r"config.json:\d+: not JSON \(.*; expected a seq"),
        (
            "config.json",
            lambda path: path.write_text("[]"),
            "config.json: not a JSON object",
        ),
        ("model.safetensors", Path.unlink, "can't be loaded"),
        ("model.safetensors", cut, "can't be loaded"),
        ("vocab.txt", Path.unlink, "no tokenizer; expected tokenizer.json"),
        ("vocab.txt", lengthen, BELONG),
    ],
)
def test_a_bad_folder_is_refused_in_one_sentence(
    tmp_path: Path, name: str, damage: Callable[[Path], object], message: str
) -> None:
    folder = make_teacher(tmp_path / "t")
    damage(folder / name)
    with pytest.raises(TasbError, match=message) as caught:
        CrossEncoder.load(str(folder), device="cpu")
    assert "\n" not in str(caught.value)


def test_neither_folder_nor_hub_id_is_refused() -> None:
    with pytest.raises(TasbError, match="no such folder, and not a hub id"):
        CrossEncoder.load("/no/such/teacher", device="cpu")


def test_nothing_squeezes_the_logits(tmp_path: Path) -> None:
    teacher = CrossEncoder.load(str(make_teacher(tmp_path / "t")), device="cpu")
    head = teacher.model.get_submodule("classifier")
    assert isinstance(head, nn.Linear)
    with torch.no_grad():
        head.bias.fill_(100)
    assert all(90 < score < 110 for score in scores_of_ids(teacher))
