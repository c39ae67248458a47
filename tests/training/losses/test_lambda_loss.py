import math

import pytest
import torch
from hypothesis import given
from torch import Tensor

from tasb_pyserini.training.losses.lambda_loss import lambda_loss
from tests.training.losses.cases import (
    Matrix,
    assert_equals_loop,
    assert_worked_by_hand,
    quick,
    rankings,
    softmax,
    value_and_gradient,
)


def slow_query(scores: list[float], teacher: list[float]) -> float:
    """Return NDCG-Loss2 of one query, pair by pair."""
    grades = [p + 2 if p > 0.001 else p for p in softmax(teacher)]
    ideal = sorted(grades, reverse=True)
    max_dcg = sum((2**y - 1) / math.log2(2 + r) for r, y in enumerate(ideal))
    gains = [(2**y - 1) / max_dcg for y in grades]
    ranking = sorted(range(len(scores)), key=lambda j: -scores[j])
    rank = {j: position for position, j in enumerate(ranking, 1)}
    total = 0.0
    for j, grade in enumerate(grades):
        for k, other in enumerate(grades):
            if grade > other:
                distance = abs(rank[j] - rank[k])
                delta = 1 / math.log2(1 + distance) - 1 / math.log2(2 + distance)
                weight = delta * abs(gains[j] - gains[k])
                power = math.exp(scores[k] - scores[j])
                total += weight * math.log2(1 + power)
    return total


def slow_loss(scores: Matrix, teacher: Matrix) -> float:
    rows = zip(scores, teacher, strict=True)
    return sum(slow_query(row, teacher_row) for row, teacher_row in rows)


def test_two_queries_worked_by_hand() -> None:
    # Query 1: the teacher is sure of the first passage: grades 3, 0, 0, 0; gains 7, 0,
    # 0, 0 over an ideal DCG of 7. The student has it last (rank 4): behind the others
    # by 1, 2, 3 in rank and by log 1, log 3, log 7 in score.
    d1 = 1 / math.log2(2) - 1 / math.log2(3)
    d2 = 1 / math.log2(3) - 1 / math.log2(4)
    d3 = 1 / math.log2(4) - 1 / math.log2(5)
    # The first pair has equal scores, ranked by column; log2(1 + 1), (1 + 3), (1 + 7).
    first = d1 * 1 + d2 * 2 + d3 * 3
    # Query 2: grades 2.5, 0, 2.5, 0; each relevant gain is 1 / (1 + 1 / log2 3) of the
    # ideal. Ranking: columns 0, 1, 2, 3 with scores log 7, log 7, log 7, 0. The pairs:
    # 0 over 1 (distance 1, scores equal), 0 over 3 (3, log 7 above), 2 over 1 (1,
    # equal), 2 over 3 (1, log 7 above).
    gain = 1 / (1 + 1 / math.log2(3))
    above = math.log2(1 + 1 / 7)
    second = gain * (d1 * 1 + d3 * above + d1 * 1 + d1 * above)
    # A pair's gradient on its better passage: -weight / ln 2 / (1 + e^difference):
    # 1/2 at equal scores, 3/4 and 7/8 at log 3 and log 7 below, 1/8 at log 7 above.
    better = [d1 / 2, d2 * 3 / 4, d3 * 7 / 8]
    one, zero, two, three = -1 / 2, 1 / 2, -1 / 2, 1 / 8
    row = [
        gain * (d1 * one - d3 / 8),
        gain * (d1 * zero + d1 * zero),
        gain * (d1 * two - d1 / 8),
        gain * (d3 * three + d1 * three),
    ]
    assert_worked_by_hand(
        lambda_loss,
        [
            [0.0, math.log(7), math.log(3), 0.0][::-1],
            [math.log(7), math.log(7), math.log(7), 0.0],
        ],
        [[0.0, 0.0, 0.0, 1000.0], [1000.0, 0.0, 1000.0, 0.0]],
        first + second,
        [
            [g / math.log(2) for g in [better[0], better[1], better[2], -sum(better)]],
            [g / math.log(2) for g in row],
        ],
    )


@quick
@given(batch=rankings())
def test_equals_the_formula_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(lambda_loss, slow_loss, *batch)


@quick
@given(batch=rankings())
def test_the_equation_averages_what_the_code_sums(
    batch: tuple[Tensor, Tensor],
) -> None:
    mean = lambda_loss(*batch, normalisation="equation")

    torch.testing.assert_close(mean * len(batch[0]), lambda_loss(*batch))


def test_the_teachers_order_far_apart_costs_nothing() -> None:
    teacher = torch.tensor([[5.0, 2.0, 3.0, 1.0]])

    assert lambda_loss(100 * teacher, teacher).item() == pytest.approx(0, abs=1e-30)


def test_pairs_far_the_wrong_way_are_learned() -> None:
    # One pair, weight (1 - 1 / log2 3) · 1: gradient weight / ln 2 on either side.
    weight = (1 - 1 / math.log2(3)) / math.log(2)

    _, gradient = value_and_gradient(
        lambda_loss, torch.tensor([[0.0, 100.0]]), torch.tensor([[100.0, 0.0]])
    )

    torch.testing.assert_close(gradient, torch.tensor([[-weight, weight]]))


def test_no_gradient_reaches_the_teacher() -> None:
    teacher = torch.tensor([[2.0, 1.0]], requires_grad=True)
    scores = torch.tensor([[1.0, 2.0]], requires_grad=True)

    gradients = torch.autograd.grad(
        lambda_loss(scores, teacher), [scores, teacher], allow_unused=True
    )

    assert gradients[0] is not None
    assert gradients[1] is None
