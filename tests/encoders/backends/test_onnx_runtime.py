"""ONNX Runtime says what it lacks."""

from pathlib import Path

import onnxruntime
import pytest

from tasb_pyserini.encoders.backends.onnx_runtime import OnnxBackend
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
