import math

import torch
from hypothesis import given
from torch import Tensor

from tasb_pyserini.training.losses.kl_divergence import kl_divergence
from tasb_pyserini.training.losses.listnet import listnet
from tests.training.losses.cases import (
    Matrix,
    assert_equals_loop,
    assert_worked_by_hand,
    log_softmax,
    quick,
    score_matrices,
    softmax,
    value_and_gradient,
)


def slow_loss(scores: Matrix, teacher: Matrix) -> float:
    total = 0.0
    for row, teacher_row in zip(scores, teacher, strict=True):
        student = log_softmax(row)
        for j, target in enumerate(softmax(teacher_row)):
            total -= target * student[j]
    return total / len(scores)


def test_two_queries_worked_by_hand() -> None:
    # Student: 1/4 each; 1/8, 1/8, 1/8, 5/8. Teacher: 1/2, 1/4, 1/8, 1/8; 1/4 each.
    # -(1/2 + 1/4 + 1/8 + 1/8) log 1/4 = log 4, and -1/4 (3 log 1/8 + log 5/8).
    # Gradient: (student - teacher) / 2.
    assert_worked_by_hand(
        listnet,
        [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, math.log(5)]],
        [[math.log(4), math.log(2), 0.0, 0.0], [7.0, 7.0, 7.0, 7.0]],
        (math.log(4) + (4 * math.log(8) - math.log(5)) / 4) / 2,
        [[-1 / 8, 0.0, 1 / 16, 1 / 16], [-1 / 16, -1 / 16, -1 / 16, 3 / 16]],
    )


@quick
@given(batch=score_matrices())
def test_equals_the_formula_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(listnet, slow_loss, *batch)


@quick
@given(batch=score_matrices())
def test_is_the_divergence_plus_the_teachers_entropy(
    batch: tuple[Tensor, Tensor],
) -> None:
    scores, teacher = batch
    entropy = -sum(
        math.exp(log) * log for row in teacher.tolist() for log in log_softmax(row)
    ) / len(teacher)

    value, gradient = value_and_gradient(listnet, scores, teacher)
    divergence, same_gradient = value_and_gradient(kl_divergence, scores, teacher)

    torch.testing.assert_close(value, divergence + entropy)
    torch.testing.assert_close(gradient, same_gradient)


def test_passages_less_likely_than_a_millionth_are_learned() -> None:
    _, gradient = value_and_gradient(
        listnet, torch.tensor([[0.0, 100.0]]), torch.tensor([[100.0, 0.0]])
    )

    torch.testing.assert_close(gradient, torch.tensor([[-1.0, 1.0]]))
