import math

from hypothesis import given
from torch import Tensor

from tasb_pyserini.training.losses.kl_divergence import kl_divergence
from tests.training.losses.cases import (
    Matrix,
    assert_equals_loop,
    assert_worked_by_hand,
    log_softmax,
    quick,
    score_matrices,
)

LOG2 = math.log(2)
# Student: 1/4 each; 1/8, 1/8, 1/8, 5/8. Teacher: 1/2, 1/4, 1/8, 1/8; 1/4 each.
STUDENT = [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, math.log(5)]]
TEACHER = [[2 * LOG2, LOG2, 0.0, 0.0], [7.0, 7.0, 7.0, 7.0]]


def slow_loss(scores: Matrix, teacher: Matrix) -> float:
    total = 0.0
    for row, teacher_row in zip(scores, teacher, strict=True):
        student = log_softmax(row)
        for j, target in enumerate(log_softmax(teacher_row)):
            total += math.exp(target) * (target - student[j])
    return total / len(scores)


def test_two_queries_worked_by_hand() -> None:
    # Query 1: 1/2 log 2 + 1/4 log 1 + 2 · 1/8 log 1/2 = 1/4 log 2. Query 2:
    # 1/4 (3 log 2 + log 2/5) = 1/4 log 16/5. Gradient: (student - teacher) / 2.
    assert_worked_by_hand(
        kl_divergence,
        STUDENT,
        TEACHER,
        (LOG2 + math.log(16 / 5)) / 8,
        [[-1 / 8, 0.0, 1 / 16, 1 / 16], [-1 / 16, -1 / 16, -1 / 16, 3 / 16]],
    )


@quick
@given(batch=score_matrices())
def test_equals_the_formula_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(kl_divergence, slow_loss, *batch)


@quick
@given(batch=score_matrices())
def test_a_divergence_is_never_negative(batch: tuple[Tensor, Tensor]) -> None:
    assert kl_divergence(*batch).item() >= -1e-12
