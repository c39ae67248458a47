"""The file is valid ONNX, and padding is no part of a text."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.export.graph import OPSET, build_graph
from tasb_pyserini.encoders.export.precision import WeightPrecision
from tasb_pyserini.encoders.export.weights import read_weights
from tasb_pyserini.encoders.model import load_model
from tests.encoders.models import Kind, make_model

PRECISIONS: list[WeightPrecision] = ["fp32", "fp16", "int8"]


def graph_of(
    folder: Path,
    precision: WeightPrecision = "fp32",
    kind: Kind = "distilbert",
    pooling: str = "cls",
) -> onnx.ModelProto:
    make_model(folder, kind, pooling=pooling)
    _, spec = find_checkpoint(str(folder))
    transformer = load_model(folder, spec).transformer
    weights = read_weights(transformer.config, transformer.state_dict())
    return build_graph(weights, spec, precision)


def run(model: onnx.ModelProto, **inputs: NDArray[np.int64]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    [vectors] = session.run(["pooler_output"], inputs)
    found: NDArray[np.float32] = vectors
    return found


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_checker_of_onnx_finds_nothing(
    precision: WeightPrecision, pooling: str, tmp_path: Path
) -> None:
    model = graph_of(tmp_path / "model", precision, pooling=pooling)
    onnx.checker.check_model(model, full_check=True)
    [opset] = model.opset_import
    assert (opset.domain, opset.version) == ("", OPSET)


def test_inputs_and_output_have_names_types_and_dynamic_axes(tmp_path: Path) -> None:
    model = graph_of(tmp_path / "model", "fp16")
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    described = [
        (value.name, value.type, value.shape)
        for value in (
            *session.get_inputs(),
            *session.get_overridable_initializers(),
            *session.get_outputs(),
        )
    ]
    assert described == [
        ("input_ids", "tensor(int64)", ["batch", "tokens"]),
        ("attention_mask", "tensor(int64)", ["batch", "tokens"]),
        ("pooler_output", "tensor(float)", ["batch", 64]),
    ]


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("kind", ["distilbert", "bert"])
def test_padded_texts_have_the_vectors_of_unpadded_ones(
    kind: Kind, pooling: str, tmp_path: Path
) -> None:
    model = graph_of(tmp_path / "model", kind=kind, pooling=pooling)
    rng = np.random.default_rng(0)
    texts = [rng.integers(5, 76, length) for length in (2, 9, 30, 17)]
    padded = np.zeros((4, 30), np.int64)
    mask = np.zeros_like(padded)
    for row, ids in enumerate(texts):
        padded[row, : len(ids)], mask[row, : len(ids)] = ids, 1
    together = run(model, input_ids=padded, attention_mask=mask)
    for vector, ids in zip(together, texts, strict=True):
        [alone] = run(model, input_ids=ids[None])
        np.testing.assert_allclose(vector, alone, atol=1e-5)
    # The test is one: without the mask, padding changes the shorter texts.
    unmasked = run(model, input_ids=padded)
    assert (np.abs(unmasked - together).max(axis=1) > 1e-3).tolist() == [
        *(True, True, False, True)
    ]


def test_int8_halves_fp16_and_fp16_halves_fp32(tmp_path: Path) -> None:
    sizes = {
        precision: sum(
            np.prod(constant.dims)
            * onnx.helper.tensor_dtype_to_np_dtype(constant.data_type).itemsize
            for constant in graph_of(tmp_path / precision, precision).graph.initializer
            if constant.name.endswith(".weight") and len(constant.dims) == 2
        )
        for precision in PRECISIONS
    }
    assert sizes["fp32"] == 2 * sizes["fp16"] == 4 * sizes["int8"]
