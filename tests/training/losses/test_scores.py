import torch
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.training.losses.scores import in_batch_scores
from tests.training.losses.cases import quick


def test_two_queries_and_four_passages_worked_by_hand() -> None:
    query = torch.tensor([[1.0, 2.0], [0.0, -1.0]], requires_grad=True)
    passages = torch.tensor([[3.0, 1.0], [0.0, 2.0], [1.0, 0.0], [-1.0, 1.0]])
    # 1·3 + 2·1 = 5, 1·0 + 2·2 = 4, 1·1 + 2·0 = 1, -1 + 2 = 1; then minus the second
    # numbers.
    expected = torch.tensor([[5.0, 4.0, 1.0, 1.0], [-1.0, -2.0, 0.0, -1.0]])

    scores = in_batch_scores(query, passages)
    (gradient,) = torch.autograd.grad(scores[0, 0], query)

    torch.testing.assert_close(scores.detach(), expected)
    torch.testing.assert_close(gradient, torch.tensor([[3.0, 1.0], [0.0, 0.0]]))


@quick
@given(batch=st.integers(1, 5), dimension=st.integers(1, 9), seed=st.integers(0, 99))
def test_equals_the_dot_products_one_by_one(
    batch: int, dimension: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    query = torch.randn(batch, dimension, generator=generator)
    passages = torch.randn(2 * batch, dimension, generator=generator)

    scores = in_batch_scores(query, passages)

    slow = [
        [sum(a * b for a, b in zip(q, p, strict=True)) for p in passages.tolist()]
        for q in query.tolist()
    ]
    torch.testing.assert_close(scores, torch.tensor(slow))


def test_autocast_rounds_neither_the_scores_nor_the_gradient() -> None:
    generator = torch.Generator().manual_seed(7)
    query = 3 * torch.randn(8, 64, generator=generator)
    passages = (3 * torch.randn(16, 64, generator=generator)).requires_grad_()
    plain = query @ passages.T
    (plain_gradient,) = torch.autograd.grad(plain.square().sum(), passages)

    with torch.autocast("cpu", torch.bfloat16):
        rounded = query @ passages.T
        scores = in_batch_scores(query, passages)
    (gradient,) = torch.autograd.grad(scores.square().sum(), passages)

    assert torch.equal(scores, plain)
    assert torch.equal(gradient, plain_gradient)
    assert not torch.allclose(rounded.float(), plain)  # what it guards against


def test_half_precision_vectors_are_multiplied_in_fp32() -> None:
    generator = torch.Generator().manual_seed(7)
    query = torch.randn(8, 64, generator=generator).bfloat16()
    passages = torch.randn(16, 64, generator=generator).half()

    scores = in_batch_scores(query, passages)

    assert torch.equal(scores, query.float() @ passages.float().T)


def test_doubles_stay_doubles() -> None:
    query, passages = torch.ones(1, 2).double(), torch.ones(2, 2).double()

    assert in_batch_scores(query, passages).dtype == torch.float64
