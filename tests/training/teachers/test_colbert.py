from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from tasb_pyserini.training.teachers.colbert import (
    ColBert,
    append_masks,
    colbert_pair_scores,
    colbert_scores,
)
from tasb_pyserini.training.teachers.loading import load_colbert
from tests.training.teachers.published import (
    make_published,
    plain_maxsim,
    rows,
    some_texts,
)

QUERY = some_texts(3, 6)
POS, NEG = some_texts(3, 12, seed=1), some_texts(3, 9, seed=2)
MASK = 4


@dataclass
class Published:
    """A checkpoint's folder, and the parts that were written into it."""

    folder: Path
    transformer: PreTrainedModel
    last: nn.Linear

    def scores(self, queries: list[list[int]], passages: list[list[int]]) -> Tensor:
        """Score text by text, nothing padded."""
        encoded = [self.encode(ids) for ids in passages]
        return torch.tensor(
            [[plain_maxsim(self.encode(q), p) for p in encoded] for q in queries]
        )

    @torch.no_grad()
    def encode(self, ids: list[int]) -> Tensor:
        output = self.transformer(input_ids=torch.tensor([ids]))
        vectors: Tensor = self.last(output.last_hidden_state)[0]
        return vectors


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("teacher") / "colbert"
    return Published(folder, *make_published(folder, "ColBERT"))


@pytest.fixture
def model(published: Published) -> ColBert:
    return load_colbert(published.folder)


def test_scores_are_those_of_a_slow_loop_over_texts(
    published: Published, model: ColBert
) -> None:
    expected = published.scores(rows(QUERY), rows(POS) + rows(NEG))
    found = colbert_scores(model, QUERY, (POS, NEG))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    assert found.std() > 0.1
    pairs = colbert_pair_scores(model, QUERY, POS)
    torch.testing.assert_close(pairs, expected[:, :3].diagonal(), atol=1e-4, rtol=0)


def test_masks_are_those_added_by_hand(published: Published, model: ColBert) -> None:
    texts = rows(QUERY)
    assert len({len(ids) for ids in texts}) > 1
    by_hand = [[*ids, *[MASK] * 8] for ids in texts]
    masked = append_masks(QUERY, 8, MASK)
    assert rows(masked) == by_hand
    scores = colbert_scores(model, masked, [POS])
    expected = published.scores(by_hand, rows(POS))
    torch.testing.assert_close(scores, expected, atol=1e-4, rtol=0)
    assert (scores - colbert_scores(model, QUERY, [POS])).abs().min() > 0.01


def test_no_masks_leave_queries_as_they_are() -> None:
    assert append_masks(QUERY, 0, MASK) is QUERY


def test_training_reaches_every_parameter(model: ColBert) -> None:
    model.train()
    loss = (colbert_scores(model, QUERY, (POS, NEG)) ** 2).mean()
    names, parameters = zip(*model.named_parameters(), strict=True)
    # Raises an error for a parameter that the loss doesn't depend on.
    gradients = torch.autograd.grad(loss, parameters)
    for name, gradient in zip(names, gradients, strict=True):
        # The softmax of attention doesn't change by what all keys have in common.
        if not name.endswith("k_lin.bias"):
            assert gradient.abs().sum() > 0, name


def test_bf16_autocast_gives_close_scores_in_fp32(model: ColBert) -> None:
    full = colbert_scores(model, QUERY, [POS])
    with torch.autocast("cpu", torch.bfloat16):
        half = colbert_scores(model, QUERY, [POS])
    assert half.dtype == torch.float32
    assert not torch.equal(half, full)
    torch.testing.assert_close(half, full, atol=0.02 * float(full.abs().max()), rtol=0)
    assert any(half.flatten() != half.bfloat16().float().flatten())
