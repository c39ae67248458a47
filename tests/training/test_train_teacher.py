import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.matchmaker.bert_cat import load_bert_cat
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.batches.compose import Texts
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData, tokenize_triples
from tasb_pyserini.training.teachers.colbert import colbert_pair_scores
from tasb_pyserini.training.teachers.kind import Kind
from tasb_pyserini.training.teachers.loading import load_colbert
from tasb_pyserini.training.teachers.pairs import join_pair
from tasb_pyserini.training.teachers.reads import Reads
from tasb_pyserini.training.train_teacher import train_teacher
from tasb_pyserini.training.trainer import train
from tests.training.runs import SHORT
from tests.training.toy import Toy, toy_data, toy_student

LONG = TrainingConfig(
    steps=300, batch_size=12, learning_rate=2e-3, warmup_steps=30, log_every=50
)


def scored_data(start: Path, toy: Toy, margin: float = 3.0) -> TrainingData:
    folder, spec = find_checkpoint(str(start))
    triples = [ScoredTriple(t.qid, t.pos, t.neg, margin, 0.0) for t in toy.triples]
    tokenizer = load_tokenizer(folder)
    return tokenize_triples(triples, toy.queries, toy.passages, tokenizer, spec)


def texts_of(folder: Path, texts: list[str]) -> Texts:
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch(texts)
    return Texts(
        torch.tensor([one.ids for one in encoded]),
        torch.tensor([one.attention_mask for one in encoded]),
    )


@torch.no_grad()
def margins(kind: Kind, folder: Path, toy: Toy, triples: list[Triple]) -> torch.Tensor:
    queries = texts_of(folder, [toy.queries[triple.qid] for triple in triples])
    pos = texts_of(folder, [toy.passages[triple.pos] for triple in triples])
    neg = texts_of(folder, [toy.passages[triple.neg] for triple in triples])
    if kind == "colbert":
        colbert = load_colbert(folder)
        pos_scores, neg_scores = (
            colbert_pair_scores(colbert, queries, part) for part in (pos, neg)
        )
        return pos_scores - neg_scores
    cat = load_bert_cat(folder)
    first, second = (cat(*join_pair(queries, part)) for part in (pos, neg))
    return torch.sub(first, second)


def unseen(toy: Toy) -> list[Triple]:
    """Return each held-out query's relevant passage with each other one."""
    return [
        Triple(qid, toy.relevant[qid], docid)
        for qid in toy.held_out
        for docid in toy.passages
        if docid != toy.relevant[qid]
    ]


def share(values: torch.Tensor) -> float:
    return (values > 0).float().mean().item()


@pytest.mark.parametrize(
    ("kind", "loss"),
    [("colbert", "ranknet"), ("colbert", "contrastive"), ("cat", "ranknet")],
)
def test_a_teacher_learns_which_passage_is_relevant(
    toy: Toy, start: Path, tmp_path: Path, kind: Kind, loss: Any
) -> None:
    data = toy_data(start, toy)

    folder = train_teacher(kind, LONG, data, start, tmp_path / "t", loss=loss)

    assert share(margins(kind, folder, toy, toy.triples)) > 0.97
    assert share(margins(kind, folder, toy, unseen(toy))) > 0.8


@pytest.mark.parametrize("kind", ["colbert", "cat"])
def test_scored_pairs_teach_their_margin(
    toy: Toy, start: Path, tmp_path: Path, kind: Kind
) -> None:
    folder = train_teacher(kind, LONG, scored_data(start, toy), start, tmp_path / "t")

    settings = json.loads((folder / "training.json").read_text())["config"]
    assert (settings["kind"], settings["loss"]) == (kind, "margin-mse")
    found = margins(kind, folder, toy, toy.triples)
    assert share(found) > 0.95
    assert found.median() == pytest.approx(3, abs=1)


def test_the_folder_says_what_it_is_and_how_it_came_about(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    config = replace(SHORT, teacher_masks=2)

    folder = train_teacher(
        "colbert", config, toy_data(start, toy), start, tmp_path / "t"
    )

    names = {path.name for path in folder.iterdir()} - {"tensorboard", "curves.svg"}
    assert sorted(names) == [
        ".lock",
        "README.md",
        "config.json",
        "log.jsonl",
        "model.safetensors",
        "tokenizer_config.json",
        "training.json",
        "vocab.txt",
    ]
    card = (folder / "README.md").read_text()
    assert "A ColBERT, an in-batch teacher, trained with tasb-pyserini" in card
    assert f"tasb train --recipe tas-balanced --teacher {folder} …" in card
    assert "| loss | ranknet |" in card
    record = json.loads((folder / "training.json").read_text())
    assert record["config"]["teacher_masks"] == 2
    assert record["config"]["query_max_length"] == 30
    assert "temperature" not in record["config"]
    assert record["start"]["weights"] == hash_weights(start)
    assert record["result"]["steps"] == 6
    assert load_colbert(folder).compressor.out_features == 32


def test_a_colbert_says_which_prefixes_and_masks_it_learned_with(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)
    marked = replace(data.spec, query_prefix="[Q]", passage_prefix="[D]")
    config = replace(SHORT, teacher_masks=2)

    folder = train_teacher(
        "colbert", config, replace(data, spec=marked), start, tmp_path / "marked"
    )
    plain = train_teacher("colbert", SHORT, data, start, tmp_path / "plain")

    assert load_colbert(folder).reads == Reads("[Q]", "[D]", 2)
    assert load_colbert(plain).reads == Reads("", "", 0)


@pytest.mark.parametrize("kind", ["colbert", "cat"])
def test_training_goes_on_from_a_teacher_of_the_same_kind(
    toy: Toy, start: Path, tmp_path: Path, kind: Kind
) -> None:
    first = train_teacher(kind, SHORT, toy_data(start, toy), start, tmp_path / "a")
    _, spec = find_checkpoint(str(start))
    spec = replace(spec, checkpoint=str(first), weights=hash_weights(first))
    data = replace(toy_data(start, toy), spec=spec)
    still = replace(SHORT, steps=1, learning_rate=1e-60)

    second = train_teacher(kind, still, data, first, tmp_path / "b")

    # A step this small leaves the weights where the first run left them.
    assert hash_weights(second) == hash_weights(first)
    other: Kind = "cat" if kind == "colbert" else "colbert"
    message = f"a teacher of kind {kind}; expected an encoder, or a teacher of kind"
    with pytest.raises(TasbError, match=message):
        train_teacher(other, SHORT, data, first, tmp_path / "c")
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    ("kind", "changed", "loss", "message"),
    [
        ("cat", {}, "contrastive", "contrastive: BERT_CAT would read every query"),
        ("cat", {}, "margin-mse", "the pairs have no scores; expected scored pairs"),
        ("cat", {"teacher_masks": 8}, None, "teacher_masks 8: expected 0"),
        ("colbert", {"pair_loss": "margin-mse"}, None, "a setting of students alone"),
        ("colbert", {"teacher_masks": 500}, None, "takes at most 512 tokens"),
        ("colbert", {"batch_size": 64}, None, "do not fill a batch of 64"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    toy: Toy,
    start: Path,
    tmp_path: Path,
    kind: Kind,
    changed: dict[str, Any],
    loss: Any,
    message: str,
) -> None:
    config = replace(SHORT, **changed)
    data = toy_data(start, toy)

    with pytest.raises(TasbError, match=message):
        train_teacher(kind, config, data, start, tmp_path / "t", loss=loss)
    assert not (tmp_path / "t").exists()


def test_texts_that_another_checkpoint_or_a_prefix_made_are_refused(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)
    other = toy_student(tmp_path / "other", toy, seed=9)
    marked = replace(data, spec=replace(data.spec, query_prefix="[Q]"))
    long = replace(data, spec=replace(data.spec, passage_max_length=484))

    with pytest.raises(TasbError, match="not the checkpoint that the training data"):
        train_teacher("cat", SHORT, data, other, tmp_path / "t")
    with pytest.raises(
        TasbError, match=r"prefixes '\[Q\]' .* expected none for BERT_CAT"
    ):
        train_teacher("cat", SHORT, marked, start, tmp_path / "t")
    with pytest.raises(TasbError, match="inputs of cat have up to 513"):
        train_teacher("cat", SHORT, long, start, tmp_path / "t")
    assert not (tmp_path / "t").exists()


def test_another_run_in_the_same_folder_is_refused(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data, output = toy_data(start, toy), tmp_path / "t"
    train_teacher("colbert", SHORT, data, start, output)
    weights = hash_weights(output)

    with pytest.raises(TasbError, match="kind: there 'colbert', here 'cat'"):
        train_teacher("cat", SHORT, data, start, output)
    with pytest.raises(TasbError, match="loss: there 'ranknet', here 'contrastive'"):
        train_teacher("colbert", SHORT, data, start, output, loss="contrastive")
    with pytest.raises(TasbError, match="holds another run"):
        train(SHORT, data, start, output)
    assert hash_weights(output) == weights
