"""Several batches an update: the mean of their gradients."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.fit import open_accelerator
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.tasks.dot import DotTask
from tasb_pyserini.training.trainer import train
from tests.training.steps import (
    batches_of,
    gradients_of,
    load_student,
    scored_data,
    without_dropout,
)
from tests.training.toy import Toy, toy_student

CONFIG = TrainingConfig(steps=2, batch_size=4, accumulate=3, learning_rate=1e-3)


@pytest.fixture(scope="module")
def start(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    return without_dropout(toy_student(folder / "a", toy), folder / "student")


@pytest.mark.parametrize("chunk", [0, 3])
def test_the_gradient_is_that_of_the_mean_of_the_batches_losses(
    toy: Toy, start: Path, chunk: int
) -> None:
    config = replace(CONFIG, cache_chunk=chunk)
    batches = batches_of(scored_data(start, toy), config, 3)
    model = load_student(start)
    losses = []
    for batch in batches:
        query, pos, neg = (
            model(part.input_ids, part.attention_mask)
            for part in (batch.query, batch.pos, batch.neg)
        )
        scores = query @ torch.cat([pos, neg]).T
        losses.append(cross_entropy(scores, torch.arange(4)))
    torch.autograd.backward(torch.stack(losses).mean())

    found, by_batch, _ = gradients_of(load_student(start), config, batches)

    for name, parameter in model.named_parameters():
        assert parameter.grad is not None
        torch.testing.assert_close(
            found[name], parameter.grad, atol=1e-5, rtol=1e-5, msg=name
        )
    assert [each["loss"].item() for each in by_batch] == pytest.approx(
        [loss.item() for loss in losses], rel=1e-5
    )


def test_an_update_reads_the_next_batches_in_their_order(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    """Two updates of three batches: Adam by hand over the means."""
    data = scored_data(start, toy)
    batches = batches_of(data, CONFIG, 6)
    model = load_student(start)
    adam = torch.optim.Adam(model.parameters(), foreach=False, fused=False)
    for number, rate in enumerate((1e-3, 5e-4)):
        mine = batches[3 * number : 3 * number + 3]
        single = [gradients_of(model, CONFIG, [batch])[0] for batch in mine]
        for name, parameter in model.named_parameters():
            parameter.grad = torch.stack([each[name] for each in single]).mean(dim=0)
        adam.param_groups[0]["lr"] = rate
        adam.step()

    folder = train(CONFIG, data, start, tmp_path / "trained", device="cpu")

    trained = load_model(*find_checkpoint(str(folder)))
    for (name, mine_), theirs in zip(
        trained.named_parameters(), model.parameters(), strict=True
    ):
        # A key's bias moves no score: its gradient is rounding error alone.
        if not name.endswith("k_lin.bias"):
            torch.testing.assert_close(mine_, theirs, atol=2e-5, rtol=1e-3, msg=name)


def test_the_optimizer_is_given_the_mean(toy: Toy, start: Path) -> None:
    """Adam's first average is a tenth of the first gradient."""
    batches = batches_of(scored_data(start, toy), CONFIG, 3)
    model = load_student(start)
    single = [gradients_of(model, CONFIG, [batch])[0] for batch in batches]

    with open_accelerator(CONFIG, "cpu") as accelerator:
        learner = Learner(DotTask(model, CONFIG), CONFIG, accelerator)
        learner.update(batches, 0)
        averages = learner.state()["optimizer"]["state"]

    for number, (name, _) in enumerate(model.named_parameters()):
        mean = torch.stack([each[name] for each in single]).mean(dim=0)
        found = averages[number]["exp_avg"] * 10
        torch.testing.assert_close(found, mean, atol=1e-5, rtol=1e-5, msg=name)
