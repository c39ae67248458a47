"""ONNX Runtime says what it lacks."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from tasb_pyserini.encoders.backends.backend import OutOfMemory
from tasb_pyserini.encoders.backends.onnx_runtime import OnnxBackend, choose_providers
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.export.cached import cached_export
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import SPECIAL_TOKENS, wordpiece_tokenizer
from tasb_pyserini.formats.errors import TasbError


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(),
    reason="this ONNX Runtime has CUDA",
)
def test_a_runtime_without_cuda_says_what_to_install() -> None:
    with pytest.raises(TasbError) as caught:
        OnnxBackend(Path("model.onnx"), "cuda:1", threads=1)
    assert str(caught.value) == (
        "device 'cuda:1': this ONNX Runtime has no CUDA; run: pip install "
        "onnxruntime-gpu, or use 'tasb:torch'"
    )


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(),
    reason="this ONNX Runtime has CUDA",
)
@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_runtime_that_falls_back_to_the_cpu_is_refused(
    wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where it was built with CUDA, whose libraries are not there."""
    path = cached_export(*find_checkpoint(str(wide)), "fp32")
    claimed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: claimed)
    with pytest.raises(TasbError, match="device 'cuda': ONNX Runtime can't load CUDA"):
        OnnxBackend(path, "cuda", threads=1)


def write_greedy(path: Path) -> None:
    """Write a model whose vectors are lengths; more than 4 texts take it 2**46 bytes.

    No machine has those: ONNX Runtime's own arena fails, as it does on a GPU.
    """
    shape = helper.make_node("Shape", ["input_ids"], ["shape"])
    texts = helper.make_node("Shape", ["input_ids"], ["texts"], end=1)
    many = helper.make_node("Greater", ["texts", "room"], ["many"])
    width = helper.make_node("Where", ["many", "huge", "one"], ["width"])
    whole = helper.make_node("Concat", ["shape", "width"], ["whole"], axis=0)
    value = helper.make_tensor("value", TensorProto.FLOAT, [1], [1.0])
    ones = helper.make_node("ConstantOfShape", ["whole"], ["ones"], value=value)
    added = helper.make_node(
        "ReduceSum", ["ones", "axis"], ["pooler_output"], keepdims=0
    )
    numbers = {"room": 4, "huge": 1 << 44, "one": 1, "axis": 1}
    graph = helper.make_graph(
        [shape, texts, many, width, whole, ones, added],
        "greedy",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "t"])],
        [helper.make_tensor_value_info("pooler_output", TensorProto.FLOAT, ["n", "w"])],
        [
            helper.make_tensor(name, TensorProto.INT64, [1], [number])
            for name, number in numbers.items()
        ],
    )
    opset = [helper.make_opsetid("", 18)]
    path.write_bytes(
        helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()
    )


def test_where_its_memory_is_short_batches_are_halved_quietly(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_greedy(tmp_path / "greedy.onnx")
    engine = OnnxBackend(tmp_path / "greedy.onnx", "cpu", threads=1)
    with pytest.raises(OutOfMemory):
        engine.forward(np.ones((5, 3), np.int64))
    encoder = Encoder(
        engine,
        wordpiece_tokenizer({token: n for n, token in enumerate(SPECIAL_TOKENS)}),
        EncoderSpec(checkpoint="greedy", dimension=1),
    )
    lengths = [3 + number % 3 for number in range(40)]
    vectors = encoder.encode_ids([[1] * length for length in lengths])
    assert vectors.ravel().tolist() == lengths
    assert capfd.readouterr().err == ""


def test_another_error_of_its_own_is_raised_as_it_is(tmp_path: Path) -> None:
    write_greedy(tmp_path / "greedy.onnx")
    engine = OnnxBackend(tmp_path / "greedy.onnx", "cpu", threads=1)
    with pytest.raises(Exception, match="Invalid rank for input"):
        engine.forward(np.ones(5, np.int64))


def test_on_a_gpu_products_are_those_of_fp32() -> None:
    """By default its CUDA rounds factors to TF32, which has a mantissa of 10 bits."""
    assert choose_providers("cuda:1") == [
        ("CUDAExecutionProvider", {"device_id": "1", "use_tf32": "0"})
    ]
    assert choose_providers("cuda")[0][1]["device_id"] == "0"
    assert choose_providers("cpu") == [("CPUExecutionProvider", {})]
