import math
from functools import partial

import torch
from hypothesis import given
from torch import Tensor

from tasb_pyserini.training.losses.kl_divergence import kl_divergence
from tasb_pyserini.training.losses.tct import tct_kl_divergence
from tests.training.losses.cases import (
    Matrix,
    assert_equals_loop,
    assert_worked_by_hand,
    log_softmax,
    quick,
    score_matrices,
)


def slow_loss(scores: Matrix, teacher: Matrix, temperature: float = 0.25) -> float:
    """Return equation 4 summed over passages, with equation 2's distributions."""
    total = 0.0
    for row, teacher_row in zip(scores, teacher, strict=True):
        student = log_softmax(row)
        sharpened = log_softmax([score / temperature for score in teacher_row])
        for j, target in enumerate(sharpened):
            total += math.exp(target) * (target - student[j])
    return total / len(scores)


def test_two_queries_worked_by_hand() -> None:
    # Teacher's scores over 0.25: log 4, log 2, 0, 0 gives 1/2, 1/4, 1/8, 1/8; 1/4 each.
    # Student, not divided: 1/4 each; 1/8, 1/8, 1/8, 5/8. So 1/4 log 2 and 1/4 log 16/5.
    # Gradient: (student - teacher) / 2.
    assert_worked_by_hand(
        tct_kl_divergence,
        [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, math.log(5)]],
        [[math.log(4) / 4, math.log(2) / 4, 0.0, 0.0], [7.0, 7.0, 7.0, 7.0]],
        (math.log(2) + math.log(16 / 5)) / 8,
        [[-1 / 8, 0.0, 1 / 16, 1 / 16], [-1 / 16, -1 / 16, -1 / 16, 3 / 16]],
    )


@quick
@given(batch=score_matrices())
def test_equals_the_equations_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(tct_kl_divergence, slow_loss, *batch)


@quick
@given(batch=score_matrices())
def test_equals_the_loop_at_another_temperature(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(
        partial(tct_kl_divergence, temperature=2.0),
        partial(slow_loss, temperature=2.0),
        *batch,
    )


def test_at_temperature_one_it_is_the_plain_divergence() -> None:
    scores, teacher = torch.tensor([[1.0, 3.0]]), torch.tensor([[2.0, 0.0]])

    loss = tct_kl_divergence(scores, teacher, temperature=1)

    assert torch.equal(loss, kl_divergence(scores, teacher))
