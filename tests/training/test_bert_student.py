"""A BERT as the student: its pooler takes no part, and is not there."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import AutoModel

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.record import read_result
from tasb_pyserini.training.state import STATE_FILE
from tasb_pyserini.training.trainer import train
from tests.training.runs import validation_set
from tests.training.steps import toy_bert
from tests.training.toy import make_toy, toy_data, toy_student

CONFIG = TrainingConfig(
    steps=4, batch_size=6, learning_rate=1e-3, log_every=1, checkpoint_every=2
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("start")
    return toy_bert(toy_student(root / "student", make_toy()), root / "bert")


def run(start: Path, output: Path) -> Path:
    toy = make_toy()
    data, chosen = toy_data(start, toy), validation_set(start, toy, 4)
    return train(CONFIG, data, start, output, validation=chosen, device="cpu")


def test_a_trained_bert_is_what_transformers_loads(start: Path, tmp_path: Path) -> None:
    folder = run(start, tmp_path / "t")

    encoder = Encoder.load(f"tasb:torch:{folder}")
    ids = encoder.tokenize_passages(["the hound of the king", "a boat"])
    found = encoder.encode_ids(ids)
    model = AutoModel.from_pretrained(folder).eval()
    for text, vector in zip(ids, found, strict=True):
        with torch.no_grad():
            hidden: Tensor = model(torch.tensor([text])).last_hidden_state
        torch.testing.assert_close(torch.tensor(vector), hidden[0, 0])


def test_a_state_that_has_the_pooler_goes_on(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Students had it once: their last two weights, without a gradient."""
    own = Learner.update

    def update(self: Learner, batches: object, step: int) -> Losses:
        if step == 2:
            raise KeyboardInterrupt
        return own(self, batches, step)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(Learner, "update", update)
    with pytest.raises(KeyboardInterrupt):
        run(start, tmp_path / "t")
    monkeypatch.undo()
    state = torch.load(tmp_path / "t" / STATE_FILE, weights_only=True)
    assert state["step"] == 2
    learner = state["learner"]
    for name, shape in (("weight", (32, 32)), ("bias", (32,))):
        learner["model"][f"transformer.pooler.dense.{name}"] = torch.zeros(shape)
    [group] = learner["optimizer"]["param_groups"]
    group["params"] = [*range(len(group["params"]) + 2)]
    torch.save(state, tmp_path / "t" / STATE_FILE)

    run(start, tmp_path / "t")

    assert read_result(tmp_path / "t")["steps"] == 4
    assert hash_weights(tmp_path / "t") == hash_weights(run(start, tmp_path / "u"))
