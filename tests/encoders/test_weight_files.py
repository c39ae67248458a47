"""Weights in shards are one checkpoint, whole or refused."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.weight_files import weight_files
from tasb_pyserini.formats.errors import TasbError
from tests.encoders.models import TEXTS, make_model, plain_vectors

INDEX = "model.safetensors.index.json"


@pytest.mark.parametrize("backend", ["torch", "onnx"])
@pytest.mark.parametrize("form", ["safetensors", "bin"])
def test_a_model_in_shards_gives_its_vectors(
    tmp_path: Path, form: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASB_CACHE", str(tmp_path / "cache"))
    folder = sharded(make_model(tmp_path / "m"), form)
    expected = plain_vectors(make_model(tmp_path / "whole"), TEXTS, 30)
    found = Encoder.load(f"tasb:{backend}:{folder}").encode_queries(TEXTS)
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_the_hash_of_shards_is_of_index_and_shards_by_name(tmp_path: Path) -> None:
    folder = sharded(make_model(tmp_path / "m"), "safetensors")
    shards = sorted(folder.glob("model-*.safetensors"))
    assert len(shards) > 1
    assert weight_files(folder) == [folder / INDEX, *shards]
    hashes = [
        hashlib.sha256(file.read_bytes()).hexdigest() for file in weight_files(folder)
    ]
    expected = hashlib.sha256("".join(hashes).encode()).hexdigest()
    assert hash_weights(folder) == f"sha256:{expected}"


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("{", r"index\.json:1: not JSON \(.*; expected an index of weights; fetch the"),
        ("{}", r"index\.json: no list of shards; expected an index of weights; fetch"),
        ('{"weight_map": ["a"]}', "no list of shards"),
        ('{"weight_map": {"a": 1}}', "no list of shards"),
        ('{"weight_map": {"a": ""}}', "no list of shards"),
        ('{"weight_map": {}}', "no list of shards"),
        ('{"weight_map": {"a": "../model.safetensors"}}', "no list of shards"),
        ('{"weight_map": {"a": "m-2"}}', f"no m-2; expected all that {INDEX} lists"),
    ],
)
def test_half_of_the_shards_is_refused(
    tmp_path: Path, index: str, message: str
) -> None:
    folder = sharded(make_model(tmp_path / "m"), "safetensors")
    (folder / INDEX).write_text(index)
    with pytest.raises(TasbError, match=message):
        find_checkpoint(str(folder))


def sharded(folder: Path, form: str) -> Path:
    """Put shards into the place of a folder's weights."""
    model = AutoModel.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    if form == "safetensors":
        model.save_pretrained(folder, max_shard_size="60KB")
        return folder
    places = {}
    for number, (name, tensor) in enumerate(model.state_dict().items()):
        shard = f"pytorch_model-{number % 2 + 1:05}-of-00002.bin"
        places[name] = shard
        held = torch.load(folder / shard) if (folder / shard).is_file() else {}
        torch.save({**held, name: tensor}, folder / shard)
    text = json.dumps({"metadata": {}, "weight_map": places})
    (folder / "pytorch_model.bin.index.json").write_text(text)
    return folder
