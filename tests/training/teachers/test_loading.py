import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from tasb_pyserini.encoders.matchmaker.bert_cat import load_bert_cat, new_bert_cat
from tasb_pyserini.encoders.pretrained import find_model
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.teachers.colbert import colbert_scores
from tasb_pyserini.training.teachers.loading import (
    load_colbert,
    new_colbert,
    save_colbert,
)
from tasb_pyserini.training.teachers.reads import Reads
from tests.checkpoints import make_checkpoint
from tests.encoders.models import make_model
from tests.training.teachers.published import make_published, some_texts

Weights = dict[str, Tensor]
QUERY, PASSAGES = some_texts(3, 6), some_texts(4, 12, seed=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_published(tmp_path / "t", "ColBERT")
    return tmp_path / "t"


def edit_weights(folder: Path, change: Callable[[Weights], object]) -> None:
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    change(weights)
    torch.save(weights, folder / "pytorch_model.bin")


def edit_config(folder: Path, **values: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


def test_the_sizes_of_a_published_teacher_are_read_off_its_weights(
    folder: Path,
) -> None:
    before = torch.random.get_rng_state()
    model = load_colbert(find_model(str(folder)))
    assert torch.equal(torch.random.get_rng_state(), before)
    config = model.bert_model.config
    assert (config.dim, config.n_layers, config.n_heads) == (128, 2, 2)
    assert (config.hidden_dim, config.max_position_embeddings) == (48, 60)
    assert model.compressor.out_features == 24
    assert not model.training


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_what_is_saved_is_loaded_again(tmp_path: Path, kind: Any) -> None:
    make_published(tmp_path / "t", "ColBERT", kind)
    model = load_colbert(tmp_path / "t")
    save_colbert(model, tmp_path / "own", tokenizer=tmp_path / "t")
    again = load_colbert(tmp_path / "own")
    expected = colbert_scores(model, QUERY, [PASSAGES])
    assert torch.equal(colbert_scores(again, QUERY, [PASSAGES]), expected)
    assert {path.name for path in (tmp_path / "own").iterdir()} == {
        *["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"]
    }


@pytest.mark.parametrize("reads", [None, Reads(), Reads("[Q]", "passage:", 8)])
def test_what_a_colbert_reads_is_saved_with_it_and_loaded_again(
    folder: Path, tmp_path: Path, reads: Reads | None
) -> None:
    model = load_colbert(folder)
    assert model.reads is None
    model.reads = reads
    save_colbert(model, tmp_path / "own", tokenizer=folder)
    assert load_colbert(tmp_path / "own").reads == reads
    config = json.loads((tmp_path / "own" / "config.json").read_text())
    assert ("reads" in config) == (reads is not None)


def test_heads_of_another_size_are_kept_where_we_saved_them(tmp_path: Path) -> None:
    start = make_checkpoint(tmp_path / "start")  # 4 heads of 8
    model = new_colbert(str(start), dimension=16, seed=1)
    save_colbert(model, tmp_path / "own", tokenizer=start)
    again = load_colbert(tmp_path / "own")
    assert again.bert_model.config.n_heads == 4
    assert again.compressor.out_features == 16


def test_a_new_one_has_the_encoders_weights_and_a_last_layer_by_seed(
    tmp_path: Path,
) -> None:
    start = make_checkpoint(tmp_path / "start")
    before = torch.random.get_rng_state()
    models = [new_colbert(str(start), dimension=16, seed=seed) for seed in (1, 1, 2)]
    assert torch.equal(torch.random.get_rng_state(), before)
    weights = torch.load(start / "pytorch_model.bin", weights_only=True)
    for name, tensor in weights.items():
        assert torch.equal(models[0].bert_model.state_dict()[name], tensor)
    last = [model.compressor.weight for model in models]
    assert torch.equal(last[0], last[1])
    assert not torch.equal(last[0], last[2])


def test_a_new_ones_token_vectors_keep_the_encoders_angles_at_length_one(
    tmp_path: Path,
) -> None:
    start = make_checkpoint(tmp_path / "start")  # of 32 dimensions
    model = new_colbert(str(start), dimension=32, seed=1)
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    with torch.no_grad():
        hidden = model.bert_model(input_ids=ids).last_hidden_state[0]
        vectors = model(ids, torch.ones_like(ids))[0]
    assert vectors.norm(dim=1) == pytest.approx(torch.ones(5), abs=1e-3)
    scale = float((vectors @ vectors.T)[0, 0] / (hidden @ hidden.T)[0, 0])
    assert torch.allclose(vectors @ vectors.T, scale * hidden @ hidden.T, atol=1e-4)


def test_a_folder_without_tokenizer_is_not_saved_from(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(TasbError, match="no tokenizer; expected"):
        save_colbert(load_colbert(folder), tmp_path / "own", tokenizer=tmp_path)
    assert not (tmp_path / "own").exists()


class Code:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (self.command,)


def test_code_in_weights_does_not_run(folder: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    torch.save({"weight": Code(f"touch {proof}")}, folder / "pytorch_model.bin")
    with pytest.raises(TasbError, match=r"pytorch_model\.bin can't be read"):
        load_colbert(folder)
    assert not proof.exists()


def test_code_beside_weights_does_not_run(folder: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    (folder / "own.py").write_text(f"open({str(proof)!r}, 'w')\n")
    edit_config(folder, auto_map={"AutoModel": "own.ColBERT", "AutoConfig": "own.C"})
    load_colbert(folder)
    assert not proof.exists()


def reads(**values: Any) -> dict[str, Any]:
    return {"query_prefix": "", "passage_prefix": "", "masks": 0} | values


BROKEN: list[tuple[Callable[[Path], object], str]] = [
    (lambda f: (f / "config.json").unlink(), "no config.json; expected a ColBERT"),
    (lambda f: (f / "config.json").write_text("{"), "config.json:1: not JSON"),
    (lambda f: (f / "config.json").write_text("[]"), "config.json: not a JSON object"),
    (lambda f: edit_config(f, model_type="BERT_Cat"), "model_type 'BERT_Cat' in con"),
    (lambda f: edit_config(f, model_type="bert"), "expected a ColBERT checkpoint"),
    (lambda f: edit_config(f, transformer="x"), "transformer 'x'; expected a teacher"),
    (
        lambda f: edit_config(f, transformer={"model_type": "albert"}),
        "transformer 'albert'; expected a teacher on BERT or DistilBERT",
    ),
    (
        lambda f: edit_config(f, transformer={"model_type": "bert", "hidden_size": ""}),
        "transformer's sizes in config.json are bad .*'hidden_size'",
    ),
    (
        lambda f: edit_config(f, transformer={"model_type": "bert", "hidden_size": 7}),
        "heads don't share the dimension evenly",
    ),
    (lambda f: edit_config(f, compression_dim="a"), "compression_dim 'a'; expected"),
    (
        lambda f: edit_config(f, compression_dim=32),
        r"'compressor.bias' of shape \(24,\); expected \(32,\), as config.json says",
    ),
    (lambda f: edit_config(f, reads="[Q]"), r"reads '\[Q\]'; expected two texts"),
    (lambda f: edit_config(f, reads={"masks": 8}), "reads {'masks': 8}; expected two"),
    (lambda f: edit_config(f, reads=reads(masks=-1)), "'masks': -1}; expected two t"),
    (lambda f: edit_config(f, reads=reads(masks=True)), "'masks': True}; expected"),
    (lambda f: edit_config(f, reads=reads(query_prefix=None)), "None, .*; expected"),
    (lambda f: (f / "pytorch_model.bin").unlink(), "no model.safetensors or pytorch"),
    (lambda f: cut(f / "pytorch_model.bin"), "pytorch_model.bin can't be read"),
    (lambda f: torch.save([1], f / "pytorch_model.bin"), "holds no weights by name"),
    (lambda f: (f / "model.safetensors").write_bytes(b"x"), "model.safetensors can't"),
    (
        lambda f: edit_weights(f, lambda w: w.pop("compressor.bias")),
        "weights lack 'compressor.bias'",
    ),
    (
        lambda f: edit_weights(f, lambda w: w.update(more=torch.zeros(1))),
        "unknown weights 'more'; expected a ColBERT",
    ),
    (
        lambda f: edit_weights(
            f, lambda w: w.pop("bert_model.embeddings.word_embeddings.weight")
        ),
        "weights lack 'embeddings.word_embeddings.weight'",
    ),
    (lambda f: edit_weights(f, dict.clear), "weights of another architecture; expect"),
    (lambda f: edit_weights(f, narrow), "dimension 100, and a config.json that does"),
    (lambda f: (f / "vocab.txt").unlink(), "no tokenizer; expected tokenizer.json"),
    (
        lambda f: (f / "vocab.txt").open("a").write("more\n"),
        "embeddings; expected a tokenizer and a model that belong together",
    ),
]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def narrow(weights: Weights) -> None:
    for name, tensor in weights.items():
        if tensor.dim() == 2 and tensor.shape[1] == 128:
            weights[name] = tensor[:, :100].clone()


@pytest.mark.parametrize(("damage", "message"), BROKEN)
def test_a_bad_folder_is_refused_in_one_sentence(
    folder: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(folder)
    with pytest.raises(TasbError, match=message) as caught:
        load_colbert(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_roberta_is_refused(tmp_path: Path) -> None:
    make_published(tmp_path / "t", "ColBERT", "bert")
    types = "bert_model.embeddings.token_type_embeddings.weight"
    edit_weights(tmp_path / "t", lambda w: w.update({types: w[types][:1]}))
    with pytest.raises(TasbError, match="one segment, as RoBERTa's; expected a teach"):
        load_colbert(tmp_path / "t")


def test_a_colbert_is_no_bert_cat(folder: Path) -> None:
    with pytest.raises(
        TasbError, match=r"'ColBERT' in config\.json; expected a BERT_Cat"
    ):
        load_bert_cat(folder)


def test_a_teacher_does_not_start_from_a_teacher(folder: Path) -> None:
    with pytest.raises(TasbError, match="no hidden size; expected 'dim'"):
        new_colbert(str(folder), seed=1)


def test_a_berts_pooler_goes_into_a_new_bert_cat_and_not_into_a_colbert(
    tmp_path: Path,
) -> None:
    folder = make_model(tmp_path / "bert", "bert")
    pooler = load_file(folder / "model.safetensors")["pooler.dense.weight"]

    cat = new_bert_cat(str(folder), seed=1).bert_model
    colbert = new_colbert(str(folder), seed=1).bert_model

    assert torch.equal(cat.get_parameter("pooler.dense.weight"), pooler)
    assert colbert.pooler is None
