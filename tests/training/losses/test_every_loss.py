"""What all losses on scores have in common."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tasb_pyserini.training.losses.contrastive import contrastive
from tasb_pyserini.training.losses.in_batch_margin_mse import in_batch_margin_mse
from tasb_pyserini.training.losses.kl_divergence import kl_divergence
from tasb_pyserini.training.losses.lambda_loss import lambda_loss
from tasb_pyserini.training.losses.listnet import listnet
from tasb_pyserini.training.losses.margin_mse import margin_mse
from tasb_pyserini.training.losses.tct import tct_kl_divergence
from tests.training.losses.cases import Loss, quick, value_and_gradient


def own_margins(scores: Tensor, teacher: Tensor) -> Tensor:
    batch = len(scores)
    return margin_mse(
        scores.diagonal(),
        scores.diagonal(batch),
        teacher.diagonal(),
        teacher.diagonal(batch),
    )


DISTILLATION: dict[str, Loss] = {
    "margin_mse": own_margins,
    "in_batch_margin_mse": in_batch_margin_mse,
    "in_batch_margin_mse by equation": partial(
        in_batch_margin_mse, normalisation="equation"
    ),
    "kl_divergence": kl_divergence,
    "listnet": listnet,
    "tct at 1": partial(tct_kl_divergence, temperature=1.0),
}
LOSSES: dict[str, Loss] = DISTILLATION | {
    "contrastive": lambda scores, _: contrastive(scores),
    "lambda_loss": lambda_loss,
    "tct": tct_kl_divergence,
}
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())


def batch_of(size: int, seed: int = 7, spread: float = 10) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    student = spread * torch.randn(size, 2 * size, generator=generator).double()
    teacher = spread * torch.randn(size, 2 * size, generator=generator).double()
    return student, teacher


@every_loss
def test_gradients_are_those_of_the_loss(loss: Loss) -> None:
    scores, teacher = batch_of(3, spread=1)

    assert torch.autograd.gradcheck(
        lambda tensor: loss(tensor, teacher), [scores.requires_grad_()]
    )


@every_loss
@quick
@given(size=st.integers(1, 5), seed=st.integers(0, 999))
def test_a_constant_on_a_querys_scores_changes_nothing(
    loss: Loss, size: int, seed: int
) -> None:
    scores, teacher = batch_of(size, seed)
    constants = batch_of(size, seed + 1, spread=50)[0][:, :1]

    plain = value_and_gradient(loss, scores, teacher)
    shifted = value_and_gradient(loss, scores + constants, teacher)
    of_teacher = value_and_gradient(loss, scores, teacher + constants)

    torch.testing.assert_close(shifted, plain)
    torch.testing.assert_close(of_teacher, plain)


@every_loss
@quick
@given(size=st.integers(1, 5), seed=st.integers(0, 999))
def test_a_batch_may_come_in_any_order(loss: Loss, size: int, seed: int) -> None:
    scores, teacher = batch_of(size, seed)
    order = torch.randperm(size, generator=torch.Generator().manual_seed(seed))
    columns = torch.cat([order, size + order])

    value, gradient = value_and_gradient(loss, scores, teacher)
    moved, moved_gradient = value_and_gradient(
        loss, scores[order][:, columns], teacher[order][:, columns]
    )

    torch.testing.assert_close(moved, value)
    torch.testing.assert_close(moved_gradient, gradient[order][:, columns])


@every_loss
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_arithmetic_is_fp32_with_and_without_autocast(
    loss: Loss, dtype: torch.dtype
) -> None:
    scores, teacher = (tensor.to(dtype) for tensor in batch_of(8))
    expected, gradient = value_and_gradient(loss, scores.float(), teacher.float())

    for autocast in (True, False):
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            value, found = value_and_gradient(loss, scores, teacher)

        assert value.dtype == torch.float32
        assert torch.equal(value, expected)
        assert torch.equal(found, gradient.to(dtype))


@every_loss
def test_large_scores_give_finite_losses_and_gradients(loss: Loss) -> None:
    signs = torch.tensor([[1.0, -1.0, -1.0, 1.0], [-1.0, -1.0, 1.0, 1.0]])

    for scores, teacher in [(signs, signs), (signs, -signs), (signs, 0 * signs)]:
        value, gradient = value_and_gradient(loss, 1000 * scores, 1000 * teacher)

        assert value.isfinite()
        assert gradient.isfinite().all()


@pytest.mark.parametrize("name", DISTILLATION)
@quick
@given(size=st.integers(1, 5), seed=st.integers(0, 999))
def test_nothing_is_left_to_learn_at_the_teachers_scores(
    name: str, size: int, seed: int
) -> None:
    _, teacher = batch_of(size, seed)

    value, gradient = value_and_gradient(DISTILLATION[name], teacher, teacher)

    torch.testing.assert_close(gradient, torch.zeros_like(gradient))
    if name != "listnet":  # a cross entropy: the teacher's entropy is left
        assert value.item() == pytest.approx(0, abs=1e-12)
