from pathlib import Path
from typing import Literal

import pytest
import torch
from torch import Tensor

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.encoders.matchmaker.bert_cat import (
    BertCat,
    load_bert_cat,
    new_bert_cat,
    save_bert_cat,
)
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.training.teachers.pairs import join_pair
from tests.checkpoints import make_checkpoint
from tests.teachers import PAIRS, PASSAGES, QUERIES, scores_of_ids
from tests.training.teachers.published import make_published, pad

Kind = Literal["bert", "distilbert"]


def plain_scores(folder: Path, kind: Kind) -> list[float]:
    """Score pairs one by one, with the tokenizer's own pairs, as the authors do."""
    transformer, last = make_published(folder, "BERT_Cat", kind)
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_truncation(60, strategy="only_second")
    scores = []
    for query, passage in PAIRS:
        encoded = tokenizer.encode(QUERIES[query], PASSAGES[passage])
        inputs = {"input_ids": torch.tensor([encoded.ids])}
        if kind == "bert":
            inputs["token_type_ids"] = torch.tensor([encoded.type_ids])
        with torch.no_grad():
            output = transformer(**inputs)
            first = output[1] if kind == "bert" else output[0][:, 0]
            scores.append(float(last(first)))
    return scores


def joined_scores(model: BertCat, folder: Path) -> Tensor:
    tokenizer = load_tokenizer(folder)
    queries = pad([tokenizer.encode(QUERIES[query]).ids for query, _ in PAIRS])
    passages = pad([tokenizer.encode(PASSAGES[passage]).ids for _, passage in PAIRS])
    scores: Tensor = model(*join_pair(queries, passages, max_length=60))
    return scores


def scored(location: Path) -> list[float]:
    """Score pairs as ``tasb score --teacher`` does."""
    teacher = CrossEncoder.load(str(location), device="cpu")
    assert teacher.max_length == 60
    return scores_of_ids(teacher)


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_scores_are_those_of_the_authors_way(tmp_path: Path, kind: Kind) -> None:
    expected = plain_scores(tmp_path / "t", kind)
    assert max(expected) - min(expected) > 0.05
    model = load_bert_cat(tmp_path / "t")
    with torch.no_grad():
        found = joined_scores(model, tmp_path / "t")
    torch.testing.assert_close(found, torch.tensor(expected), atol=1e-5, rtol=0)
    assert scored(tmp_path / "t") == pytest.approx(expected, abs=1e-5)
    save_bert_cat(model, tmp_path / "own", tokenizer=tmp_path / "t")
    assert scored(tmp_path / "own") == pytest.approx(expected, abs=1e-5)
    assert not (tmp_path / "own" / "pytorch_model.bin").exists()


def test_bf16_keeps_the_last_layer_in_fp32(tmp_path: Path) -> None:
    make_published(tmp_path / "t", "BERT_Cat")
    model = load_bert_cat(tmp_path / "t")
    with torch.no_grad():
        full = joined_scores(model, tmp_path / "t")
        with torch.autocast("cpu", torch.bfloat16):
            half = joined_scores(model, tmp_path / "t")
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, full, atol=0.1, rtol=0)
    assert any(half != half.bfloat16().float())
    teacher = CrossEncoder.load(str(tmp_path / "t"), device="cpu", precision="bf16")
    assert teacher.precision == "bf16"


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_training_reaches_every_parameter(tmp_path: Path, kind: Kind) -> None:
    make_published(tmp_path / "t", "BERT_Cat", kind)
    model = load_bert_cat(tmp_path / "t").train()
    loss = (joined_scores(model, tmp_path / "t") ** 2).mean()
    names, parameters = zip(*model.named_parameters(), strict=True)
    # Raises an error for a parameter that the loss doesn't depend on.
    gradients = torch.autograd.grad(loss, parameters)
    for name, gradient in zip(names, gradients, strict=True):
        # The softmax of attention doesn't change by what all keys have in common.
        if not name.endswith(("k_lin.bias", "key.bias")):
            assert gradient.abs().sum() > 0, name


def test_a_new_one_starts_from_an_encoder_with_a_last_layer_by_seed(
    tmp_path: Path,
) -> None:
    start = make_checkpoint(tmp_path / "start")
    before = torch.random.get_rng_state()
    one, same, other = (new_bert_cat(str(start), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    weights = torch.load(start / "pytorch_model.bin", weights_only=True)
    for name, tensor in weights.items():
        assert torch.equal(one.bert_model.state_dict()[name], tensor)
    last = [m._classification_layer.weight for m in (one, same, other)]
    assert torch.equal(last[0], last[1])
    assert not torch.equal(last[0], last[2])
