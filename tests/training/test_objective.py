"""Which losses a configuration adds up, with the scores of which vectors."""

from collections.abc import Callable
from typing import get_args

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import InBatchLoss, TrainingConfig
from tasb_pyserini.training.losses.in_batch_margin_mse import in_batch_margin_mse
from tasb_pyserini.training.losses.kl_divergence import kl_divergence
from tasb_pyserini.training.losses.lambda_loss import lambda_loss
from tasb_pyserini.training.losses.listnet import listnet
from tasb_pyserini.training.losses.tct import tct_kl_divergence
from tasb_pyserini.training.objective import Targets, Vectors, compute_losses

# Dot products by hand: q1 = (1, 2) and q2 = (0, 3).
QUERY = torch.tensor([[1.0, 2.0], [0.0, 3.0]])
POS = torch.tensor([[3.0, 1.0], [1.0, 2.0]])
NEG = torch.tensor([[0.0, 1.0], [2.0, -1.0]])
SCORES = torch.tensor([[5.0, 5.0, 2.0, 0.0], [3.0, 6.0, 3.0, -3.0]])
COLBERT = torch.tensor([[9.0, 4.0, 8.0, 1.0], [2.0, 7.0, 3.0, 6.0]])
VECTORS = Vectors(QUERY, POS, NEG)
TARGETS = Targets(torch.tensor([4.0, 8.0]), torch.tensor([2.0, 1.0]), COLBERT)

# Student margins 5 - 2 = 3 and 6 - (-3) = 9, teacher margins 2 and 7.
PAIR = ((3 - 2) ** 2 + (9 - 7) ** 2) / 2

IN_BATCH: dict[str, Callable[[TrainingConfig], Tensor]] = {
    "contrastive": lambda _: cross_entropy(SCORES, torch.tensor([0, 1])),
    "margin-mse": lambda config: in_batch_margin_mse(
        SCORES, COLBERT, normalisation=config.normalisation
    ),
    "kl-divergence": lambda _: kl_divergence(SCORES, COLBERT),
    "listnet": lambda _: listnet(SCORES, COLBERT),
    "lambda": lambda config: lambda_loss(
        SCORES, COLBERT, normalisation=config.normalisation
    ),
    "tct-kl": lambda config: tct_kl_divergence(
        SCORES, COLBERT, temperature=config.temperature
    ),
}


def values(losses: dict[str, Tensor]) -> dict[str, float]:
    return {name: loss.item() for name, loss in losses.items()}


def test_every_in_batch_loss_of_the_settings_is_tried_here() -> None:
    assert {*IN_BATCH, "none"} == set(get_args(InBatchLoss))


def test_the_pair_loss_alone_is_the_loss() -> None:
    config = TrainingConfig(steps=1, pair_loss="margin-mse", in_batch_loss="none")
    assert values(compute_losses(VECTORS, TARGETS, config)) == {"loss": PAIR}


@pytest.mark.parametrize("name", IN_BATCH)
def test_an_in_batch_loss_alone_is_the_loss_without_a_weight(name: InBatchLoss) -> None:
    config = TrainingConfig(steps=1, in_batch_loss=name, in_batch_weight=0.5)
    expected = IN_BATCH[name](config).item()
    losses = values(compute_losses(VECTORS, TARGETS, config))
    assert losses == {"loss": pytest.approx(expected)}
    assert expected > 0


@pytest.mark.parametrize("weight", [0.75, 3.0])
@pytest.mark.parametrize("name", IN_BATCH)
def test_two_losses_are_the_pair_loss_and_the_weighted_in_batch_loss(
    name: InBatchLoss, weight: float
) -> None:
    config = TrainingConfig(
        steps=1, pair_loss="margin-mse", in_batch_loss=name, in_batch_weight=weight
    )
    in_batch = IN_BATCH[name](config).item()
    assert values(compute_losses(VECTORS, TARGETS, config)) == {
        "loss": pytest.approx(PAIR + weight * in_batch),
        "pair_loss": PAIR,
        "in_batch_loss": pytest.approx(in_batch),
    }


def test_dual_supervision_by_hand() -> None:
    """Errors to others: (0 - 5), (3 - 5); (5 - 8), (3 - 4); their squares' halves."""
    config = TrainingConfig(
        steps=1,
        pair_loss="margin-mse",
        in_batch_loss="margin-mse",
        in_batch_weight=0.75,
    )
    in_batch = ((25 + 4) / 2 + (9 + 1) / 2) / 2
    assert values(compute_losses(VECTORS, TARGETS, config)) == {
        "loss": PAIR + 0.75 * in_batch,
        "pair_loss": PAIR,
        "in_batch_loss": in_batch,
    }


@pytest.mark.parametrize("name", ["margin-mse", "lambda"])
def test_the_normalisation_reaches_the_loss(name: InBatchLoss) -> None:
    config = TrainingConfig(steps=1, in_batch_loss=name, normalisation="equation")
    code = TrainingConfig(steps=1, in_batch_loss=name)
    loss = compute_losses(VECTORS, TARGETS, config)["loss"].item()
    assert loss == pytest.approx(IN_BATCH[name](config).item())
    assert loss != pytest.approx(IN_BATCH[name](code).item())


def test_the_temperature_reaches_the_loss() -> None:
    config = TrainingConfig(steps=1, in_batch_loss="tct-kl", temperature=2.0)
    loss = compute_losses(VECTORS, TARGETS, config)["loss"].item()
    assert loss == pytest.approx(IN_BATCH["tct-kl"](config).item())
    warm = TrainingConfig(steps=1, in_batch_loss="tct-kl")
    assert loss != pytest.approx(IN_BATCH["tct-kl"](warm).item())


def test_queries_encoded_again_score_their_own_non_relevant_passages_alone() -> None:
    """With (0, 5) and (1, 1), own non-relevant passages score 5 and 1."""
    config = TrainingConfig(steps=1, pair_loss="margin-mse", in_batch_loss="margin-mse")
    again = VECTORS._replace(query_again=torch.tensor([[0.0, 5.0], [1.0, 1.0]]))
    losses = values(compute_losses(again, TARGETS, config))
    assert losses["pair_loss"] == (((5 - 5) - 2) ** 2 + ((6 - 1) - 7) ** 2) / 2
    once = values(compute_losses(VECTORS, TARGETS, config))
    assert losses["in_batch_loss"] == once["in_batch_loss"]


@pytest.mark.parametrize("name", IN_BATCH)
def test_queries_encoded_again_change_no_in_batch_loss(name: InBatchLoss) -> None:
    again = VECTORS._replace(query_again=torch.ones(2, 2))
    config = TrainingConfig(steps=1, in_batch_loss=name)
    assert values(compute_losses(again, TARGETS, config)) == values(
        compute_losses(VECTORS, TARGETS, config)
    )


def test_a_batch_of_one_query_has_the_pair_loss() -> None:
    config = TrainingConfig(steps=1, pair_loss="margin-mse", in_batch_loss="margin-mse")
    one = Vectors(QUERY[:1], POS[:1], NEG[:1])
    targets = Targets(torch.tensor([4.0]), torch.tensor([2.0]), COLBERT[:1, ::2])
    assert values(compute_losses(one, targets, config)) == {
        "loss": 1.0,
        "pair_loss": 1.0,
        "in_batch_loss": 0.0,
    }


def test_pairs_without_scores_are_refused_by_the_pair_loss() -> None:
    config = TrainingConfig(steps=1, pair_loss="margin-mse", in_batch_loss="none")
    for targets in (Targets(None, None, COLBERT), TARGETS._replace(neg=None)):
        with pytest.raises(TasbError, match=r"no teacher scores.*tasb score"):
            compute_losses(VECTORS, targets, config)


@pytest.mark.parametrize("name", [name for name in IN_BATCH if name != "contrastive"])
def test_a_loss_that_follows_a_colbert_is_refused_without(name: InBatchLoss) -> None:
    config = TrainingConfig(steps=1, in_batch_loss=name)
    assert config.needs_colbert
    with pytest.raises(TasbError, match=f"in_batch_loss {name}: needs a ColBERT"):
        compute_losses(VECTORS, TARGETS._replace(in_batch=None), config)
