"""The backend of a name, and what happens where it can't run."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.backends import arithmetic, choice
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import TasbError
from tests.encoders.models import TEXTS, plain_vectors


def without(monkeypatch: pytest.MonkeyPatch, *absent: str) -> None:
    """Let some modules seem not to be installed."""
    for module in (choice, arithmetic):
        monkeypatch.setattr(
            module,
            "find_spec",
            lambda name: None if name in absent else find_spec(name),
        )


@pytest.mark.parametrize(
    ("absent", "expected"),
    [
        ((), "openvino"),
        (("openvino",), "onnx"),
        (("openvino", "onnxruntime"), "torch"),
    ],
)
def test_without_a_name_the_fastest_exact_one_that_is_installed_runs(
    absent: tuple[str, ...],
    expected: str,
    wide: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    without(monkeypatch, *absent)
    encoder = Encoder.load(f"tasb:{wide}")
    assert encoder.backend == expected
    assert capfd.readouterr().err == ""
    expected_vectors = plain_vectors(wide, TEXTS, 30)
    np.testing.assert_allclose(
        encoder.encode_queries(TEXTS), expected_vectors, atol=1e-5
    )


def test_on_a_gpu_pytorch_runs() -> None:
    assert choice.choose_backend(None, "bert", "cuda:1", fp16=False) == "torch"
    assert choice.choose_backend(None, "bert", "cuda", fp16=True) == "fp16"


@pytest.mark.parametrize(
    ("name", "device", "expected"),
    [
        ("torch", "cuda:1", "fp16"),
        ("torch", "cpu", "torch"),
        ("bf16", "cuda", "bf16"),
        ("onnx", "cuda", "onnx"),
    ],
)
def test_half_precision_may_be_asked_of_pytorch_by_name(
    name: str, device: str, expected: str
) -> None:
    assert choice.choose_backend(name, "bert", device, fp16=True) == expected


def test_int8_runs_without_openvino_too(
    wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bf16 = Encoder.load(f"tasb:bf16:{wide}").arithmetic
    there = Encoder.load(f"tasb:int8:{wide}").arithmetic
    without(monkeypatch, "openvino")
    encoder = Encoder.load(f"tasb:int8:{wide}")
    assert encoder.backend == "int8"
    assert (there, encoder.arithmetic) == (
        f"int8 weights and activations, {bf16} between",
        "int8 weights",
    )
    assert type(encoder.engine).__name__ == "OnnxBackend"


def test_bf16_is_recorded_where_the_processor_has_it(wide: Path) -> None:
    encoder = Encoder.load(f"tasb:bf16:{wide}")
    error = np.abs(encoder.encode_queries(TEXTS) - plain_vectors(wide, TEXTS, 30)).max()
    assert encoder.arithmetic == ("bf16" if error > 1e-3 else "fp32")


@pytest.mark.parametrize("name", ["openvino", "bf16"])
def test_a_backend_that_is_not_installed_says_what_to_install(
    name: str, wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "openvino")
    # Not with the extra cpu: its Faiss would stand beside one for GPUs.
    with pytest.raises(TasbError, match=r"not installed; run: pip install openvino$"):
        Encoder.load(f"tasb:{name}:{wide}")


@pytest.mark.parametrize("name", ["openvino", "int8"])
def test_a_backend_for_cpus_refuses_a_gpu(name: str, wide: Path) -> None:
    spec = Encoder.load(f"tasb:torch:{wide}").spec
    with pytest.raises(TasbError, match="runs on a CPU, not on cuda; say --device cpu"):
        choice.load_backend(name, wide, spec, "cuda")


def test_a_model_of_another_architecture_runs_in_pytorch(
    roberta: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    encoder = Encoder.load(f"tasb:{roberta}")
    assert encoder.backend == "torch"
    assert capfd.readouterr().err == ""
    with pytest.raises(TasbError) as caught:
        Encoder.load(f"tasb:onnx:{roberta}")
    assert str(caught.value) == (
        "a model of type 'roberta' with activation 'gelu' can't be exported; "
        "expected a BERT or DistilBERT with GELU; use 'tasb:torch:…'"
    )


def test_what_was_exported_and_damaged_is_named_or_passed_over_with_a_word(
    wide: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = Encoder.load(f"tasb:{wide}").encode_queries(TEXTS)
    [path] = (tmp_path / "tasb-cache" / "onnx").glob("*.onnx")
    path.write_bytes(path.read_bytes()[:1000])
    capfd.readouterr()
    for name, library in (("openvino", "OpenVINO"), ("onnx", "ONNX Runtime")):
        with pytest.raises(TasbError, match=f"{library} can't load it") as caught:
            Encoder.load(f"tasb:{name}:{wide}")
        assert str(caught.value).startswith(f"{path}: ")
        assert str(caught.value).endswith("delete it and run the same command again")
        assert "\n" not in str(caught.value)
    encoder = Encoder.load(f"tasb:{wide}")
    *_, said = capfd.readouterr().err.splitlines()  # OpenVINO's parser speaks too
    assert said.startswith(f"tasb: PyTorch runs {wide}: {path}: OpenVINO can't load it")
    assert encoder.backend == "torch"
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), expected, atol=1e-5)


def test_a_cache_that_cannot_be_written_is_passed_over_with_a_word(
    wide: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TASB_CACHE", str(tmp_path / "file"))
    assert Encoder.load(f"tasb:{wide}").backend == "torch"
    assert f"tasb: PyTorch runs {wide}: " in capfd.readouterr().err
    with pytest.raises(OSError, match="Not a directory"):
        Encoder.load(f"tasb:onnx:{wide}")
