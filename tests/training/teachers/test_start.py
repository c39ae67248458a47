"""A ColBERT as the start of a student."""

from pathlib import Path
from typing import Literal

import pytest
import torch

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.teachers.loading import load_colbert, save_colbert
from tasb_pyserini.training.teachers.reads import Reads
from tasb_pyserini.training.teachers.start import write_student
from tests.training.teachers.published import DIMENSION, make_published


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_a_student_starts_with_the_transformer_of_a_colbert_and_its_prefixes(
    tmp_path: Path, kind: Literal["bert", "distilbert"]
) -> None:
    make_published(tmp_path / "t", "ColBERT", kind)
    colbert = load_colbert(tmp_path / "t")
    colbert.reads = Reads("[Q]", "[D]", 8)
    save_colbert(colbert, tmp_path / "own", tokenizer=tmp_path / "t")

    folder, spec = find_checkpoint(str(write_student(tmp_path / "own", tmp_path / "s")))

    assert (spec.query_prefix, spec.passage_prefix) == ("[Q]", "[D]")
    assert (spec.dimension, spec.pooling) == (DIMENSION, "cls")
    ids = torch.tensor([[2, 5, 6, 3]])
    mask = torch.ones_like(ids)
    with torch.no_grad():
        hidden = colbert.bert_model(ids, attention_mask=mask).last_hidden_state
        vector = load_model(folder, spec)(ids, mask)
    assert torch.equal(vector, hidden[:, 0])
    words = load_tokenizer(tmp_path / "t").get_vocab()
    assert load_tokenizer(folder).get_vocab() == words
    # A run that goes on knows its start by the hash of these.
    write_student(tmp_path / "own", tmp_path / "again")
    assert hash_weights(tmp_path / "again") == hash_weights(folder)


def test_a_published_colbert_gives_a_student_without_prefixes(tmp_path: Path) -> None:
    make_published(tmp_path / "t", "ColBERT")
    _, spec = find_checkpoint(str(write_student(tmp_path / "t", tmp_path / "s")))
    assert (spec.query_prefix, spec.passage_prefix) == ("", "")


def test_a_cross_encoder_is_no_start_of_a_student(tmp_path: Path) -> None:
    make_published(tmp_path / "t", "BERT_Cat")
    with pytest.raises(TasbError, match="expected a ColBERT checkpoint"):
        write_student(tmp_path / "t", tmp_path / "s")
    assert not (tmp_path / "s").exists()
