"""A file is written with its proof, or not at all."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file, save_file

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.export import export
from tasb_pyserini.encoders.export.export import export_checkpoint
from tasb_pyserini.encoders.export.parity import (
    Encoded,
    Parity,
    measure_parity,
    shortfalls,
)
from tasb_pyserini.encoders.export.precision import WeightPrecision
from tasb_pyserini.encoders.export.weights import Weights, read_weights
from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.errors import TasbError
from tests.encoders.models import TEXTS, cosines, make_model, plain_vectors


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("model") / "model")


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_the_metadata_say_what_it_is_and_how_near(
    precision: WeightPrecision, model: Path, tmp_path: Path
) -> None:
    folder, spec = find_checkpoint(str(model))
    path = tmp_path / "new" / "model.onnx"
    parity = export_checkpoint(folder, spec, path, precision)
    assert shortfalls(parity, precision) == []
    metadata = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert json.loads(metadata["tasb.spec"]) == {
        "checkpoint": str(model),
        "revision": None,
        "weights": f"sha256:{file_sha256(model / 'model.safetensors')}",
        "tokenizer": None,
        "architecture": None,
        "pooling": "cls",
        "normalize": False,
        "query_prefix": "",
        "passage_prefix": "",
        "query_max_length": 30,
        "passage_max_length": 200,
        "dimension": 64,
        "similarity": "dot",
    }
    assert metadata["tasb.weights"] == json.loads(metadata["tasb.spec"])["weights"]
    assert metadata["tasb.precision"] == precision
    assert json.loads(metadata["tasb.parity"])["cosine"] == parity.cosine
    assert [file.name for file in path.parent.iterdir()] == ["model.onnx"]


def test_fp16_gives_nearly_the_vectors_of_fp32(model: Path, tmp_path: Path) -> None:
    folder, spec = find_checkpoint(str(model))
    export_checkpoint(folder, spec, tmp_path / "model.onnx", "fp16")
    session = onnxruntime.InferenceSession(
        tmp_path / "model.onnx", providers=["CPUExecutionProvider"]
    )
    encoder = Encoder.load(f"tasb:torch:{model}")
    ids = [np.array([ids], np.int64) for ids in encoder.tokenize_passages(TEXTS)]
    found = np.concatenate([session.run(None, {"input_ids": one})[0] for one in ids])
    expected = plain_vectors(model, TEXTS, 200)
    assert cosines(found, expected).min() > 0.9999
    assert not np.array_equal(found, expected)


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_a_file_that_ranks_otherwise_is_refused(
    precision: WeightPrecision,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def shuffled(config: Any, state: Mapping[str, Any]) -> Weights:
        weights = read_weights(config, state)
        weights.layers.reverse()
        return weights

    monkeypatch.setattr(export, "read_weights", shuffled)
    path = tmp_path / "model.onnx"
    path.write_text("what was there before")
    with pytest.raises(TasbError) as caught:
        export_checkpoint(*find_checkpoint(str(model)), path, precision)
    message = str(caught.value)
    assert message.startswith(
        f"{model}: not exported: in {precision} it ranks otherwise than in PyTorch: "
        "cosine "
    )
    assert message.endswith("; use 'tasb:torch:…' or another precision")
    assert "\n" not in message
    assert path.read_text() == "what was there before"
    assert list(tmp_path.glob("*model.onnx*")) == [path]
    assert list(tmp_path.glob(".*")) == []
    # The automatic choice goes on with PyTorch.
    assert Encoder.load(f"tasb:{model}").backend == "torch"


def damaged(model: Path, folder: Path, value: float) -> Path:
    folder.mkdir()
    for file in model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    weights = load_file(model / "model.safetensors")
    weights["transformer.layer.0.ffn.lin2.weight"][1, 1] = value
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_nan_weights_are_refused(model: Path, tmp_path: Path) -> None:
    broken = damaged(model, tmp_path / "broken", torch.nan)
    with pytest.raises(TasbError, match=r"ffn.lin2.weight' hold NaN"):
        Encoder.load(f"tasb:int8:{broken}")
    assert list((tmp_path / "tasb-cache" / "onnx").glob("*.onnx")) == []


def test_weights_that_fp16_cannot_hold_are_refused(model: Path, tmp_path: Path) -> None:
    broken = damaged(model, tmp_path / "broken", 1e6)
    folder, spec = find_checkpoint(str(broken))
    with pytest.raises(TasbError, match="not exported: in fp16 it ranks otherwise"):
        export_checkpoint(folder, spec, tmp_path / "model.onnx", "fp16")


def test_the_proof_is_made_on_the_texts_that_are_given(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Encoded] = []

    def spy(exact: Encoded, others: Sequence[Encoded]) -> Parity:
        seen.extend([exact, *others])
        return measure_parity(exact, others)

    monkeypatch.setattr(export, "measure_parity", spy)
    folder, spec = find_checkpoint(str(model))
    queries, passages = ["the tree"], ["copy the tree", "dense retriever"]
    path = tmp_path / "model.onnx"
    export_checkpoint(folder, spec, path, queries=queries, passages=passages)
    encoder = Encoder.load(f"tasb:torch:{model}")
    for own in seen:
        np.testing.assert_allclose(own[0], encoder.encode_queries(queries), atol=1e-3)
        np.testing.assert_allclose(own[1], encoder.encode_passages(passages), atol=1e-3)
    assert len(seen) > 1
