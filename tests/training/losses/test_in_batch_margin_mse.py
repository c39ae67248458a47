from functools import partial
from typing import Literal

import pytest
import torch
from hypothesis import given
from torch import Tensor

from tasb_pyserini.training.losses.in_batch_margin_mse import in_batch_margin_mse
from tests.training.losses.cases import (
    Matrix,
    assert_equals_loop,
    assert_worked_by_hand,
    quick,
    score_matrices,
    value_and_gradient,
)

by_equation = partial(in_batch_margin_mse, normalisation="equation")
SCORES = [[4.0, 1.0, 2.0, 0.0], [3.0, 5.0, 1.0, 2.0]]
TEACHER = [[6.0, 2.0, 3.0, 1.0], [1.0, 4.0, 2.0, 2.0]]


def pair_loss(scores: list[float], teacher: list[float], own: int, other: int) -> float:
    margin, teacher_margin = scores[own] - scores[other], teacher[own] - teacher[other]
    return (margin - teacher_margin) ** 2


def slow_code(scores: Matrix, teacher: Matrix) -> float:
    """Return half the mean over others' relevant, half over others' non-relevant."""
    batch = len(scores)
    pos, neg = [], []
    for i in range(batch):
        for j in range(batch):
            if i != j:
                pos.append(pair_loss(scores[i], teacher[i], i, j))
                neg.append(pair_loss(scores[i], teacher[i], i, batch + j))
    if not pos:
        return 0.0
    return 0.5 * sum(pos) / len(pos) + 0.5 * sum(neg) / len(neg)


def slow_equation(scores: Matrix, teacher: Matrix) -> float:
    """Return equation 7, both sums over all passages."""
    batch = len(scores)
    total = 0.0
    for i in range(batch):
        for p_neg in range(batch, 2 * batch):
            total += pair_loss(scores[i], teacher[i], i, p_neg)
        for p_pos in range(batch):
            total += pair_loss(scores[i], teacher[i], i, p_pos)
    return total / (2 * batch)


def test_the_codes_form_worked_by_hand() -> None:
    # Query 1, own 4 (teacher 6): other relevant 4 - 1 = 3 (6 - 2 = 4), error -1; other
    # non-relevant 4 - 0 = 4 (5), error -1. Query 2, own 5 (4): 5 - 3 = 2 (3), error -1;
    # 5 - 1 = 4 (2), error 2. Half of (1 + 1) / 2 and half of (1 + 4) / 2: 1.75.
    # Each error e weighs 1/4, so its gradient is e / 2 on the own relevant passage and
    # -e / 2 on the other; own non-relevant ones have none.
    assert_worked_by_hand(
        in_batch_margin_mse,
        SCORES,
        TEACHER,
        1.75,
        [[-1.0, 0.5, 0.0, 0.5], [0.5, 0.5, -1.0, 0.0]],
    )


def test_the_equation_worked_by_hand() -> None:
    # The same errors and those of the own non-relevant: 4 - 2 = 2 (6 - 3 = 3), error
    # -1; 5 - 2 = 3 (4 - 2 = 2), error 1; the own relevant have error 0. Squares: 1 + 1
    # and 1 + 4 and 1 + 1 make 9, over 2 · 2. Each weighs 1/4 as above.
    assert_worked_by_hand(
        by_equation,
        SCORES,
        TEACHER,
        2.25,
        [[-1.5, 0.5, 0.5, 0.5], [0.5, 1.0, -1.0, -0.5]],
    )


@quick
@given(batch=score_matrices())
def test_equals_the_codes_form_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(in_batch_margin_mse, slow_code, *batch)


@quick
@given(batch=score_matrices())
def test_equals_the_equation_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(by_equation, slow_equation, *batch)


def test_the_equation_is_the_batch_less_one_times_the_codes() -> None:
    generator = torch.Generator().manual_seed(3)
    scores = torch.randn(5, 10, generator=generator).double()
    teacher = torch.randn(5, 10, generator=generator).double()
    own = torch.arange(5)  # the own non-relevant passages, learned perfectly
    teacher[own, 5 + own] = teacher[own, own] - scores[own, own] + scores[own, 5 + own]

    by_code = in_batch_margin_mse(scores, teacher)

    torch.testing.assert_close(by_equation(scores, teacher), 4 * by_code)


@pytest.mark.parametrize(
    ("normalisation", "expected", "gradient"),
    [
        ("code", 0.0, [[0.0, 0.0]]),  # nobody else in the batch
        ("equation", 2.0, [[-2.0, 2.0]]),  # (3 - 1) - (5 - 1) = -2; 4 / 2
    ],
)
def test_a_batch_of_one_query(
    normalisation: Literal["code", "equation"],
    expected: float,
    gradient: list[list[float]],
) -> None:
    value, found = value_and_gradient(
        partial(in_batch_margin_mse, normalisation=normalisation),
        torch.tensor([[3.0, 1.0]]),
        torch.tensor([[5.0, 1.0]]),
    )

    assert value.item() == expected
    assert found.tolist() == gradient
