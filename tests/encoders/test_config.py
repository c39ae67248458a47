"""A model that does not fit its tokenizer or its spec is refused."""

import json
from pathlib import Path

import pytest
from tokenizers.models import WordPiece

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.export.export import export_checkpoint
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import InputError, TasbError
from tests.encoders.models import make_model


def test_more_tokens_than_the_model_has(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model")
    with (model / "vocab.txt").open("a", encoding="utf-8") as file:
        file.write("another\n")
    with pytest.raises(TasbError, match="has token 76, the model 76 embeddings"):
        Encoder.load(str(model))


@pytest.mark.parametrize("name", ["tasb:{}", "tasb:onnx:{}", "tasb:int8:{}"])
def test_an_id_beyond_the_models_in_a_vocabulary_with_holes(
    name: str, tmp_path: Path
) -> None:
    """OpenVINO and ONNX' int8 read past their tables, and give some vector."""
    model = make_model(tmp_path / "model")
    write_holes(model)
    with pytest.raises(TasbError, match="has token 80, the model 76 embeddings"):
        Encoder.load(name.format(model))


def test_what_does_not_fit_is_not_exported(tmp_path: Path) -> None:
    folder, spec = find_checkpoint(str(make_model(tmp_path / "model")))
    write_holes(folder)
    with pytest.raises(TasbError, match="has token 80, the model 76 embeddings"):
        export_checkpoint(folder, spec, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def write_holes(model: Path) -> None:
    """Write a tokenizer with 75 tokens for a model of 76, the highest of them 80."""
    tokenizer = load_tokenizer(model)
    vocabulary = tokenizer.get_vocab()
    del vocabulary["京"]
    vocabulary["dense"] = 80
    tokenizer.model = WordPiece(vocabulary, unk_token="[UNK]")
    assert tokenizer.get_vocab_size() == 75
    tokenizer.save(str(model / "tokenizer.json"))


def test_longer_texts_than_the_model_reads(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model")
    spec = json.loads((model / "encoder.json").read_text())
    spec["passage_max_length"] = 513
    (model / "encoder.json").write_text(json.dumps(spec))
    with pytest.raises(TasbError, match=r"reads 512 tokens; lower .* \(513\)"):
        Encoder.load(str(model))


@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_damaged_config(text: str, tmp_path: Path) -> None:
    model = make_model(tmp_path / "model")
    (model / "config.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(
        InputError, match=r"config.json.*: not (UTF-8|JSON|a JSON object)"
    ):
        Encoder.load(str(model))
