"""A model that does not fit its tokenizer or its spec is refused."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import InputError, TasbError
from tests.encoders.models import make_model


def test_more_tokens_than_the_model_has(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model")
    with (model / "vocab.txt").open("a", encoding="utf-8") as file:
        file.write("another\n")
    with pytest.raises(TasbError, match="the tokenizer knows 77 tokens, the model 76"):
        Encoder.load(str(model))


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
    with pytest.raises(InputError, match=r"config.json: not (JSON|a JSON object)"):
        Encoder.load(str(model))
