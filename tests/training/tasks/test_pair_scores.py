from pathlib import Path

import numpy as np
import pytest
import torch

from tasb_pyserini.encoders.matchmaker.bert_cat import new_bert_cat
from tasb_pyserini.training.batches.compose import PairBatch, Texts
from tasb_pyserini.training.tasks.pair_scores import (
    PairScores,
    group_pairs,
    group_passages,
)
from tasb_pyserini.training.teachers.loading import new_colbert
from tests.checkpoints import make_checkpoint

N = 9


@pytest.fixture
def encoder(tmp_path: Path) -> str:
    return str(make_checkpoint(tmp_path / "encoder"))


def some_texts(longest: int, seed: int) -> Texts:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, longest + 1, N)
    mask = torch.from_numpy(np.arange(lengths.max()) < lengths[:, None]).long()
    ids = torch.from_numpy(rng.integers(5, 60, mask.shape)) * mask
    return Texts(ids, mask)


@pytest.fixture
def batch() -> PairBatch:
    return PairBatch(
        0, some_texts(6, 1), some_texts(40, 2), some_texts(25, 3), None, None
    )


def bare(texts: Texts, row: int) -> torch.Tensor:
    """Return one text without padding, shape ``(1, n_tokens)``."""
    return texts.input_ids[row : row + 1, : int(texts.attention_mask[row].sum())]


@pytest.mark.parametrize("pass_cost", [0, 64, 10_000])
def test_grouped_pairs_score_as_one_by_one(
    encoder: str, batch: PairBatch, pass_cost: int
) -> None:
    model = new_bert_cat(encoder, seed=0)
    expected = torch.empty(2, N)
    for place, passages in enumerate((batch.pos, batch.neg)):
        for row in range(N):
            ids = torch.cat([bare(batch.query, row), bare(passages, row)[:, 1:]], 1)
            expected[place, row] = model(ids, torch.ones_like(ids))

    groups = group_pairs(batch, pass_cost)
    scores = PairScores(model)(batch.query, groups, in_batch=False)

    torch.testing.assert_close(scores, expected, atol=1e-5, rtol=1e-4)
    assert (len(groups) > 1) == (pass_cost < 10_000)


@pytest.mark.parametrize("pass_cost", [0, 64, 10_000])
def test_grouped_passages_score_by_the_formula(
    encoder: str, batch: PairBatch, pass_cost: int
) -> None:
    """Sum over query tokens of the highest dot product, text by text."""
    model = new_colbert(encoder, dimension=16, seed=0)

    def vectors(texts: Texts, row: int) -> torch.Tensor:
        ids = bare(texts, row)
        found: torch.Tensor = model(ids, torch.ones_like(ids))[0]
        return found

    expected = torch.empty(N, 2 * N)
    for i in range(N):
        for j in range(N):
            for place, passages in enumerate((batch.pos, batch.neg)):
                dots = vectors(batch.query, i) @ vectors(passages, j).T
                expected[i, place * N + j] = dots.max(dim=1).values.sum()

    groups = group_passages(batch, pass_cost)
    teacher = PairScores(model)
    everything = teacher(batch.query, groups, in_batch=True)
    own = teacher(batch.query, groups, in_batch=False)

    torch.testing.assert_close(everything, expected, atol=1e-4, rtol=1e-4)
    diagonals = torch.stack([expected.diagonal(), expected.diagonal(N)])
    torch.testing.assert_close(own, diagonals, atol=1e-4, rtol=1e-4)
