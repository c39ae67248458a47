from hypothesis import given
from torch import Tensor

from tasb_pyserini.training.losses.margin_mse import margin_mse
from tests.training.losses.cases import (
    Matrix,
    assert_equals_loop,
    assert_worked_by_hand,
    quick,
    score_matrices,
)


def of_columns(scores: Tensor, teacher: Tensor) -> Tensor:
    """Take relevant and non-relevant passages from the first and second column."""
    return margin_mse(scores[:, 0], scores[:, 1], teacher[:, 0], teacher[:, 1])


def slow_loss(scores: Matrix, teacher: Matrix) -> float:
    """Return equation 6 as a loop over the queries."""
    total = 0.0
    for (pos, neg, *_), (teacher_pos, teacher_neg, *_) in zip(
        scores, teacher, strict=True
    ):
        total += ((pos - neg) - (teacher_pos - teacher_neg)) ** 2
    return total / len(scores)


def test_two_queries_worked_by_hand() -> None:
    # Margins 3 - 1 = 2 and 1 - 2 = -1; the teacher's 5 - 1 = 4 and 2 - 0 = 2. Errors -2
    # and -3: (4 + 9) / 2. Gradient of a relevant score: 2 · error / 2 = error.
    assert_worked_by_hand(
        of_columns,
        [[3.0, 1.0], [1.0, 2.0]],
        [[5.0, 1.0], [2.0, 0.0]],
        6.5,
        [[-2.0, 2.0], [-3.0, 3.0]],
    )


@quick
@given(batch=score_matrices())
def test_equals_the_equation_written_as_a_loop(batch: tuple[Tensor, Tensor]) -> None:
    assert_equals_loop(of_columns, slow_loss, *batch)
