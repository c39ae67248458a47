import weakref
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode

from tasb_pyserini.training.teachers.maxsim import maxsim, maxsim_pairs
from tests.training.teachers.published import plain_maxsim


def vectors(
    lengths: list[int], tokens: int, dimension: int = 6, *, seed: int = 0
) -> tuple[Tensor, Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    mask = (torch.arange(tokens) < torch.tensor(lengths)[:, None]).long()
    # Padding gets vectors that would win, were it not masked.
    noise = torch.randn(len(lengths), tokens, dimension, generator=drawn)
    return torch.where(mask.bool().unsqueeze(2), noise, 50 * noise), mask


def whole_tensor(q: Tensor, q_mask: Tensor, p: Tensor, p_mask: Tensor) -> Tensor:
    """All token scores at once, as matchmaker has it."""
    scores = torch.einsum("bqd,npd->bnqp", q, p)
    scores = scores.masked_fill(p_mask[None, :, None] == 0, -1000)
    best = scores.max(dim=-1).values.masked_fill(q_mask[:, None] == 0, 0)
    return best.sum(dim=-1)


def test_a_score_worked_by_hand() -> None:
    query = torch.tensor([[[1.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [9.0, 9.0]]])
    query_mask = torch.tensor([[1, 1], [1, 0]])
    passages = torch.tensor([[[3.0, 1.0], [1.0, 4.0]], [[-5.0, 0.0], [7.0, 7.0]]])
    passage_mask = torch.tensor([[1, 1], [1, 0]])
    # First query: 3 + 8 with the first passage, -5 + 0 with the second.
    scores = maxsim(query, query_mask, passages, passage_mask)
    assert scores.tolist() == [[11, -5], [5, -5]]
    pairs = maxsim_pairs(query, query_mask, passages, passage_mask)
    assert pairs.tolist() == [11, -5]


def test_scores_are_those_of_a_slow_loop() -> None:
    lengths = [4, 1, 3], [9, 2, 9, 5, 1]
    (q, q_mask), (p, p_mask) = vectors(lengths[0], 4), vectors(lengths[1], 9, seed=1)
    expected = [
        [plain_maxsim(q[i, :n], p[j, :m]) for j, m in enumerate(lengths[1])]
        for i, n in enumerate(lengths[0])
    ]
    for most in (9, 40, 10_000):
        found = maxsim(q, q_mask, p, p_mask, most_elements=most)
        torch.testing.assert_close(found, torch.tensor(expected), atol=1e-4, rtol=0)
    pairs = maxsim_pairs(q, q_mask, p[:3], p_mask[:3])
    diagonal = torch.tensor(expected).diagonal()
    torch.testing.assert_close(pairs, diagonal, atol=1e-4, rtol=0)


LENGTHS = st.lists(st.integers(0, 7), min_size=1, max_size=6)


@given(LENGTHS, LENGTHS, st.integers(7, 2_000), st.booleans())
def test_any_lengths_and_bound_give_the_whole_tensors_scores(
    queries: list[int], passages: list[int], most: int, low: bool
) -> None:
    q, q_mask = vectors(queries, 7)
    p, p_mask = vectors(passages, 7, seed=1)
    if low:  # so that a passage's padding scores more than its tokens
        q, p = 100 * q.abs(), -100 * p.abs()
    expected = whole_tensor(q, q_mask, p, p_mask)
    found = maxsim(q, q_mask, p, p_mask, most_elements=most)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-5)


def test_gradients_are_the_whole_tensors() -> None:
    q, q_mask = vectors([4, 1, 3], 4)
    p, p_mask = vectors([9, 2, 9, 5, 1], 9, seed=1)
    weights = torch.randn(3, 5, generator=torch.Generator().manual_seed(2))
    gradients = []
    for most in (9, 50, None):
        inputs = q.clone().requires_grad_(), p.clone().requires_grad_()
        if most is None:
            scores = whole_tensor(inputs[0], q_mask, inputs[1], p_mask)
        else:
            scores = maxsim(inputs[0], q_mask, inputs[1], p_mask, most_elements=most)
        gradients.append(torch.autograd.grad((weights * scores).sum(), inputs))
    for found in gradients[:2]:
        torch.testing.assert_close(found, gradients[2])
    assert all(g.abs().sum() > 0 for g in gradients[2])


class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # has no type
    """Notes the largest tensor made, and the most bytes of such alive at a time."""

    def __init__(self, *inputs: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # has no type
        self.given = {tensor.untyped_storage().data_ptr() for tensor in inputs}
        self.largest = 0
        self.most_bytes = 0
        self.alive: list[weakref.ref[Tensor]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for made in result if isinstance(result, list | tuple) else [result]:
            if isinstance(made, Tensor) and self._place(made) not in self.given:
                self.largest = max(self.largest, made.numel())
                self.alive.append(weakref.ref(made))
        there = [tensor for ref in self.alive if (tensor := ref()) is not None]
        self.alive = [weakref.ref(tensor) for tensor in there]
        sizes = {self._place(t): t.untyped_storage().nbytes() for t in there}
        self.most_bytes = max(self.most_bytes, sum(sizes.values()))
        return result

    @staticmethod
    def _place(tensor: Tensor) -> int:
        return tensor.untyped_storage().data_ptr()


def batch() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    drawn = torch.Generator().manual_seed(3)
    queries = torch.randint(3, 11, (16,), generator=drawn).tolist()
    passages = torch.randint(5, 41, (32,), generator=drawn).tolist()
    return *vectors(queries, 10), *vectors(passages, 40, seed=1)


WHOLE = 16 * 10 * 32 * 40


@pytest.mark.parametrize("most", [2_000, 10_000])
def test_memory_stays_within_the_bound(most: int) -> None:
    inputs = batch()
    with Watch(*inputs) as whole:
        whole_tensor(*inputs)
    assert whole.largest == WHOLE  # or the watch sees nothing
    assert whole.most_bytes >= 4 * WHOLE
    with Watch(*inputs) as watch:
        maxsim(*inputs, most_elements=most)
    assert watch.largest <= most
    # Token scores, a copy of the chunk's vectors, masks, maxima and their places.
    assert watch.most_bytes < 4 * (2 * most + 4_000) < 4 * WHOLE / 8


def test_a_gradient_keeps_places_not_token_scores() -> None:
    q, q_mask, p, p_mask = batch()
    kept: list[int] = []

    def note(tensor: Tensor) -> Tensor:
        kept.append(tensor.numel())
        return tensor

    q.requires_grad_()
    with saved_tensors_hooks(note, lambda tensor: tensor):
        torch.einsum("bqd,npd->bnqp", q, p).amax(dim=-1)
        assert max(kept) == WHOLE  # or the hook sees nothing
        kept.clear()
        scores = maxsim(q, q_mask, p, p_mask, most_elements=10_000)
    assert max(kept) <= 10_000
    assert sum(kept) < WHOLE / 4
    whole = whole_tensor(q, q_mask, p, p_mask)
    for loss, most in (whole.sum(), WHOLE), (scores.sum(), 10_000):
        with Watch(q, p) as watch:
            torch.autograd.grad(loss, [q])
        assert watch.largest == WHOLE if most == WHOLE else watch.largest <= most


def test_scores_are_fp32_under_bf16_autocast_and_fp64_of_fp64() -> None:
    q, q_mask, p, p_mask = batch()
    expected = maxsim(q, q_mask, p, p_mask)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(maxsim(q, q_mask, p, p_mask), expected)
        pairs = maxsim_pairs(q, q_mask, p[:16], p_mask[:16])
    torch.testing.assert_close(pairs, expected[:, :16].diagonal())
    half = maxsim(q.bfloat16(), q_mask, p.bfloat16(), p_mask)
    assert half.dtype == torch.float32
    torch.testing.assert_close(
        half, maxsim(q.bfloat16().float(), q_mask, p.bfloat16().float(), p_mask)
    )
    assert maxsim(q.double(), q_mask, p.double(), p_mask).dtype == torch.float64


def test_a_bound_below_one_passage_is_refused() -> None:
    with pytest.raises(ValueError, match="most_elements 39: expected at least 40"):
        maxsim(*batch(), most_elements=39)
