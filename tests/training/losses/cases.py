"""Score matrices, and losses written as loops to compare with."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import settings
from hypothesis import strategies as st
from torch import Tensor

Matrix = list[list[float]]
Loss = Callable[[Tensor, Tensor], Tensor]
SlowLoss = Callable[[Matrix, Matrix], float]

# The first call of a kernel may take long on a busy machine.
quick = settings(max_examples=60)

# Tolerances of value and gradient: what is rounded is the input, then the result.
PRECISIONS = [
    (torch.float64, 1e-9, 1e-5),
    (torch.float32, 1e-4, 1e-4),
    (torch.bfloat16, 1e-4, 2**-7),
]


@st.composite
def score_matrices(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Draw the scores of student and teacher for a batch, fp64."""
    batch = draw(st.integers(1, 3))
    row = st.lists(st.floats(-30, 30, width=32), min_size=2 * batch, max_size=2 * batch)
    matrix = st.lists(row, min_size=batch, max_size=batch)
    student, teacher = draw(matrix), draw(matrix)
    return torch.tensor(student).double(), torch.tensor(teacher).double()


@st.composite
def rankings(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Draw scores that stay apart when rounded to bf16."""
    batch = draw(st.integers(1, 3))
    row = st.lists(
        st.integers(-60, 60), min_size=2 * batch, max_size=2 * batch, unique=True
    )
    matrix = st.lists(row, min_size=batch, max_size=batch)
    student, teacher = draw(matrix), draw(matrix)
    return torch.tensor(student) / 2.0, torch.tensor(teacher) / 4.0


def value_and_gradient(loss: Loss, scores: Tensor, teacher: Tensor) -> list[Tensor]:
    leaf = scores.clone().requires_grad_()
    value = loss(leaf, teacher)
    return [value.detach(), *torch.autograd.grad(value, leaf)]


def slow_gradient(loss: SlowLoss, scores: Tensor, teacher: Tensor) -> Tensor:
    """Return central differences of a loss."""
    gradient = torch.zeros(scores.shape, dtype=torch.float64)
    for place in range(scores.numel()):
        step = torch.zeros(scores.numel(), dtype=torch.float64)
        step[place] = 1e-4
        step = step.view(scores.shape)
        above = loss((scores + step).tolist(), teacher.tolist())
        below = loss((scores - step).tolist(), teacher.tolist())
        gradient.view(-1)[place] = (above - below) / 2e-4
    return gradient


def assert_equals_loop(
    loss: Loss, slow_loss: SlowLoss, scores: Tensor, teacher: Tensor
) -> None:
    """Compare value and gradient in fp64, fp32, and bf16 under autocast."""
    for dtype, rel, gradient_rel in PRECISIONS:
        student, target = scores.to(dtype), teacher.to(dtype)
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            value, gradient = value_and_gradient(loss, student, target)
        student, target = student.double(), target.double()
        expected = slow_loss(student.tolist(), target.tolist())
        assert value.item() == pytest.approx(expected, rel=rel, abs=rel)
        torch.testing.assert_close(
            gradient.double(),
            slow_gradient(slow_loss, student, target),
            rtol=gradient_rel,
            atol=max(1e-6, rel),
        )


def assert_worked_by_hand(
    loss: Loss, scores: Matrix, teacher: Matrix, expected: float, gradient: Matrix
) -> None:
    value, found = value_and_gradient(loss, torch.tensor(scores), torch.tensor(teacher))
    assert value.item() == pytest.approx(expected, rel=1e-6)
    torch.testing.assert_close(found, torch.tensor(gradient), rtol=1e-5, atol=1e-7)


def softmax(row: list[float]) -> list[float]:
    largest = max(row)
    powers = [math.exp(score - largest) for score in row]
    return [power / sum(powers) for power in powers]


def log_softmax(row: list[float]) -> list[float]:
    largest = max(row)
    total = math.log(sum(math.exp(score - largest) for score in row))
    return [score - largest - total for score in row]
