import math
from functools import partial

import pytest
import torch
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
    softmax,
)

as_code = partial(kl_divergence, form="code")
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


def slow_code(scores: Matrix, teacher: Matrix) -> float:
    total = 0.0
    for row, teacher_row in zip(scores, teacher, strict=True):
        student = softmax(row)
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


def test_the_codes_form_worked_by_hand() -> None:
    # Teacher's sum of T log T: -(1/2 + 2/4 + 2 · 3/8) log 2 = -7/4 log 2, and -2 log 2.
    # Sum of T P: 1/4 in both. Gradient: -P (T - 1/4) / 2, nothing for query 2.
    assert_worked_by_hand(
        as_code,
        STUDENT,
        TEACHER,
        (-7 / 4 * LOG2 - 2 * LOG2) / 2 - 1 / 4,
        [[-1 / 32, 0.0, 1 / 64, 1 / 64], [0.0, 0.0, 0.0, 0.0]],
    )


@quick
@given(batch=score_matrices())
def test_equals_the_formula_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(kl_divergence, slow_loss, *batch)


@quick
@given(batch=score_matrices())
def test_equals_the_codes_form_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(as_code, slow_code, *batch)


@quick
@given(batch=score_matrices())
def test_a_divergence_is_never_negative(batch: tuple[Tensor, Tensor]) -> None:
    assert kl_divergence(*batch).item() >= -1e-12


def test_the_codes_form_is_least_at_the_teachers_first_passage() -> None:
    teacher = torch.tensor([[2.0, 1.0]])
    sure = torch.tensor([[50.0, 0.0]])

    assert as_code(sure, teacher) < as_code(teacher, teacher)
    assert as_code(teacher, teacher).item() == pytest.approx(
        slow_code([[2.0, 1.0]], [[2.0, 1.0]])
    )
