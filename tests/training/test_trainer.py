import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.sampling.sampler import Sampler, Sampling
from tasb_pyserini.training.schedule import learning_rate_at
from tasb_pyserini.training.trainer import train
from tests.training.runs import SHORT, first_hits, log_of
from tests.training.steps import without_dropout
from tests.training.toy import Toy, toy_data


def test_training_brings_the_relevant_passage_to_the_first_rank(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    config = TrainingConfig(
        steps=300, batch_size=6, learning_rate=3e-3, warmup_steps=30, log_every=30
    )

    folder = train(config, toy_data(start, toy), start, tmp_path / "trained")

    losses = [line["loss"] for line in log_of(folder)]
    assert losses[-1] < losses[0] / 4
    assert first_hits(Encoder.load(f"tasb:{start}"), toy) < 0.3
    assert first_hits(Encoder.load(f"tasb:{folder}"), toy) > 0.9


def test_steps_equal_those_of_a_plain_loop(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    """One text at a time, no grouping, no accelerate, PyTorch's plain Adam."""
    still = without_dropout(start, tmp_path / "start")
    data = toy_data(still, toy)
    config = replace(SHORT, warmup_steps=2, max_grad_norm=0.5)
    model = load_model(*find_checkpoint(str(still))).train()
    adam = torch.optim.Adam(model.parameters(), foreach=False, fused=False)
    sampler = Sampler(
        data.pairs,
        Sampling(strategy="random", batch_size=config.batch_size, seed=config.seed),
    )
    losses = []
    for step in range(config.steps):
        batch = sampler.batch(step)
        pos, neg = data.pairs.pos[batch.row], data.pairs.neg[batch.row]
        columns = (
            data.query_rows[batch.query],
            data.passage_rows[pos],
            data.passage_rows[neg],
        )
        queries, relevant, other = (
            torch.cat(
                [
                    model(
                        torch.tensor(table[i].tolist())[None],
                        torch.ones(1, len(table[i])),
                    )
                    for i in column
                ]
            )
            for column, table in zip(
                columns, (data.queries, data.passages, data.passages), strict=True
            )
        )
        loss = cross_entropy(
            queries @ torch.cat([relevant, other]).T, torch.arange(len(queries))
        )
        adam.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm)
        for group in adam.param_groups:
            group["lr"] = learning_rate_at(step, config)
        adam.step()
        losses.append(loss.item())

    folder = train(config, data, still, tmp_path / "trained")

    trained = load_model(*find_checkpoint(str(folder)))
    for (name, mine), theirs in zip(
        trained.named_parameters(), model.parameters(), strict=True
    ):
        # A key's bias moves no score: its gradient is rounding error alone.
        if not name.endswith("k_lin.bias"):
            torch.testing.assert_close(mine, theirs, atol=2e-5, rtol=1e-3, msg=name)
    logged = [line["loss"] for line in log_of(folder)]
    assert logged == pytest.approx(np.reshape(losses, (3, 2)).mean(axis=1), rel=1e-4)


def test_dropout_is_on_and_both_towers_share_their_weights(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)
    still = without_dropout(start, tmp_path / "start")

    dropped = train(replace(SHORT, steps=1), data, start, tmp_path / "a")
    kept = train(replace(SHORT, steps=1), data, still, tmp_path / "b")

    assert log_of(dropped)[0]["loss"] != pytest.approx(
        log_of(kept)[0]["loss"], rel=1e-3
    )
    assert len(list(dropped.glob("*.safetensors"))) == 1


def test_the_same_seed_gives_the_same_weights_and_leaves_no_trace(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)

    first = train(SHORT, data, start, tmp_path / "first")

    assert torch.equal(torch.rand(4), expected)
    second = train(SHORT, data, start, tmp_path / "second")
    other = train(replace(SHORT, seed=1), data, start, tmp_path / "other")
    assert hash_weights(first) == hash_weights(second)
    assert hash_weights(first) != hash_weights(other)


def test_the_folder_holds_a_checkpoint_its_record_and_its_log(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)
    data = replace(data, spec=replace(data.spec, passage_max_length=64))

    folder = train(SHORT, data, start, tmp_path / "trained")

    # TensorBoard's log is there where TensorBoard is installed.
    names = {path.name for path in folder.iterdir()} - {"tensorboard"}
    assert sorted(names) == [
        ".lock",
        "README.md",
        "config.json",
        "curves.svg",
        "encoder.json",
        "log.jsonl",
        "model.safetensors",
        "tokenizer_config.json",
        "training.json",
        "vocab.txt",
    ]
    written = json.loads((folder / "encoder.json").read_text())
    assert written["checkpoint"] == "trained"
    assert written["passage_max_length"] == 64
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert Encoder.load(f"tasb:{folder}").spec.weights == f"sha256:{weights}"
    record = json.loads((folder / "training.json").read_text())
    assert record["config"]["seed"] == 42
    assert record["data"]["n_pairs"] == len(set(toy.triples))
    assert record["data"]["pairs"].startswith("sha256:")
    assert record["start"]["weights"] == hash_weights(start)
    assert {"torch", "transformers", "tasb-pyserini"} <= record["versions"].keys()
    assert record["result"]["loss"] == log_of(folder)[-1]["loss"]
    assert record["result"]["steps_per_second"] > 0
    assert [line["step"] for line in log_of(folder)] == [2, 4, 6]
    assert log_of(folder)[0].keys() == {
        *("step", "loss", "learning_rate", "tokens", "steps_per_second")
    }


def test_the_card_names_a_folder_that_is_found_where_the_run_was_started(
    toy: Toy, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = toy_data(start, toy)
    monkeypatch.chdir(tmp_path)

    train(replace(SHORT, steps=1), data, start, Path("runs/x"))

    card = Path("runs/x/README.md").read_text()
    assert card.startswith("# x\n")
    (name,) = set(re.findall(r"tasb:[^`\s]+", card))
    assert Encoder.load(name).spec.dimension == data.spec.dimension


def test_a_run_that_has_ended_is_not_run_again(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)
    folder = train(SHORT, data, start, tmp_path / "trained")
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}

    train(replace(SHORT, log_every=5), data, start, folder)

    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_bf16_trains(toy: Toy, start: Path, tmp_path: Path) -> None:
    config = replace(SHORT, steps=100, learning_rate=3e-3, mixed_precision="bf16")

    folder = train(config, toy_data(start, toy), start, tmp_path / "t")

    losses = [line["loss"] for line in log_of(folder)]
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) / 2
