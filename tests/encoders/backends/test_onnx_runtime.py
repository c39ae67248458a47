"""ONNX Runtime says what it lacks."""

from pathlib import Path

import onnxruntime
import pytest

from tasb_pyserini.encoders.backends.onnx_runtime import OnnxBackend
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.export.cached import cached_export
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
