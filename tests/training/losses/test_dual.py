import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.training.losses.dual import dual_supervision
from tests.training.losses.cases import quick


def test_the_weight_is_the_papers_and_so_are_the_gradients() -> None:
    pair = torch.tensor(2.0, requires_grad=True)
    in_batch = torch.tensor(4.0, requires_grad=True)

    loss = dual_supervision(pair, in_batch)
    gradients = torch.autograd.grad(loss, [pair, in_batch])

    assert loss.item() == 5  # 2 + 0.75 · 4
    assert [gradient.item() for gradient in gradients] == [1, 0.75]


@quick
@given(
    pair=st.floats(0, 1e3, width=32),
    in_batch=st.floats(0, 1e3, width=32),
    weight=st.floats(0, 10),
)
def test_equals_equation_8(pair: float, in_batch: float, weight: float) -> None:
    loss = dual_supervision(
        torch.tensor(pair), torch.tensor(in_batch), in_batch_weight=weight
    )

    assert loss.item() == pytest.approx(pair + weight * in_batch, rel=1e-5)


def test_rounded_losses_are_added_in_fp32() -> None:
    pair, in_batch = torch.tensor(256.0).bfloat16(), torch.tensor(1.0).bfloat16()

    with torch.autocast("cpu", torch.bfloat16):
        loss = dual_supervision(pair, in_batch)

    assert loss.dtype == torch.float32
    assert loss.item() == 256.75  # bf16 has 256 and 258
