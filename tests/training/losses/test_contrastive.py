import math

import pytest
import torch
from hypothesis import given
from torch import Tensor

from tasb_pyserini.training.losses.contrastive import contrastive
from tasb_pyserini.training.losses.scores import in_batch_scores
from tests.training.losses.cases import (
    Matrix,
    assert_equals_loop,
    assert_worked_by_hand,
    log_softmax,
    quick,
    score_matrices,
)


def in_batch_contrastive(
    query: torch.Tensor, pos: torch.Tensor, neg: torch.Tensor
) -> torch.Tensor:
    return contrastive(in_batch_scores(query, torch.cat([pos, neg])))


def slow_loss(query: Tensor, pos: Tensor, neg: Tensor) -> float:
    """Return the formula, term by term, in Python's floats."""
    q, p, n = query.tolist(), pos.tolist(), neg.tolist()

    def dot(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    total = 0.0
    for i in range(len(q)):
        above = math.exp(dot(q[i], p[i]))
        below = sum(math.exp(dot(q[i], passage)) for passage in [*p, *n])
        total -= math.log(above / below)
    return total / len(q)


def vectors(batch: int, dimension: int, dtype: torch.dtype) -> list[Tensor]:
    generator = torch.Generator().manual_seed(7)
    return [
        torch.randn(batch, dimension, generator=generator, dtype=dtype)
        for _ in range(3)
    ]


def test_two_queries_worked_by_hand() -> None:
    query = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    pos = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    neg = torch.tensor([[0.0, 3.0], [1.0, 0.0]])
    # Scores of query 1: pos 2, 0; neg 0, 1. Of query 2: pos 0, 1; neg 3, 0.
    first = 2 - math.log(math.e**2 + 1 + 1 + math.e)
    second = 1 - math.log(1 + math.e + math.e**3 + 1)

    loss = in_batch_contrastive(query, pos, neg)

    assert loss.item() == pytest.approx(-(first + second) / 2, rel=1e-6)


@pytest.mark.parametrize("batch", [1, 2, 5, 32])
def test_equals_the_formula_written_as_a_loop(batch: int) -> None:
    query, pos, neg = vectors(batch, 8, torch.float64)

    loss = in_batch_contrastive(query, pos, neg)

    assert loss.item() == pytest.approx(slow_loss(query, pos, neg), rel=1e-12)


def test_gradients_are_those_of_the_loss() -> None:
    inputs = [tensor.requires_grad_() for tensor in vectors(3, 4, torch.float64)]

    assert torch.autograd.gradcheck(in_batch_contrastive, inputs)


def test_a_batch_may_come_in_any_order() -> None:
    query, pos, neg = vectors(6, 8, torch.float64)
    order = torch.tensor([3, 0, 5, 1, 4, 2])

    moved = in_batch_contrastive(query[order], pos[order], neg[order])

    torch.testing.assert_close(moved, in_batch_contrastive(query, pos, neg))


def test_scores_are_fp32_under_autocast() -> None:
    query, pos, neg = (10 * tensor for tensor in vectors(16, 64, torch.float32))
    expected = in_batch_contrastive(query, pos, neg)

    with torch.autocast("cpu", torch.bfloat16):
        rounded = torch.nn.functional.cross_entropy(
            query @ torch.cat([pos, neg]).T, torch.arange(16)
        )
        loss = in_batch_contrastive(query, pos, neg)

    assert loss.dtype == torch.float32
    assert torch.equal(loss, expected)
    assert not torch.allclose(rounded.float(), expected)  # what it guards against


def test_half_precision_vectors_are_scored_in_fp32() -> None:
    query, pos, neg = (
        10 * tensor.bfloat16() for tensor in vectors(16, 64, torch.float32)
    )

    loss = in_batch_contrastive(query, pos, neg)

    assert torch.equal(
        loss, in_batch_contrastive(query.float(), pos.float(), neg.float())
    )


def slow_score_loss(scores: Matrix, _: Matrix) -> float:
    return -sum(log_softmax(row)[i] for i, row in enumerate(scores)) / len(scores)


def test_scores_of_two_queries_worked_by_hand() -> None:
    # Probabilities 1/4 each; 1/8, 1/8, 1/8, 5/8. Own passages: 1/4 and 1/8, so
    # (log 4 + log 8) / 2. Gradient: (probability - 1 for the own passage) / 2.
    assert_worked_by_hand(
        lambda scores, _: contrastive(scores),
        [[3.0, 3.0, 3.0, 3.0], [0.0, 0.0, 0.0, math.log(5)]],
        [[]],
        2.5 * math.log(2),
        [[-3 / 8, 1 / 8, 1 / 8, 1 / 8], [1 / 16, -7 / 16, 1 / 16, 5 / 16]],
    )


@quick
@given(batch=score_matrices())
def test_scores_equal_the_formula_written_as_a_loop(
    batch: tuple[Tensor, Tensor],
) -> None:
    assert_equals_loop(lambda scores, _: contrastive(scores), slow_score_loss, *batch)
