"""Which backend runs an encoder."""

import sys
from importlib.util import find_spec
from pathlib import Path

from tasb_pyserini.encoders.backends.backend import Backend
from tasb_pyserini.encoders.backends.device import CPU_ONLY
from tasb_pyserini.encoders.config import read_config
from tasb_pyserini.encoders.export.cached import COMPILED, cached_export
from tasb_pyserini.encoders.export.precision import WeightPrecision
from tasb_pyserini.encoders.export.weights import ARCHITECTURES
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.threads import default_threads
from tasb_pyserini.formats.errors import TasbError


def choose_backend(
    name: str | None, model_type: str, device: str, *, fp16: bool
) -> str:
    """Return the name of the backend to use.

    Parameters
    ----------
    name
        What the user asked for; None: on a GPU PyTorch, on a CPU the fastest that is
        exact: OpenVINO, else ONNX Runtime, else PyTorch.
    model_type
        Of the checkpoint's ``config.json``.
    device
        ``cpu``, ``cuda`` or ``cuda:N``.
    fp16
        Whether PyTorch computes in half precision on a GPU, named or not.

    Raises
    ------
    TasbError
        If the backend is not for this device.

    Examples
    --------
    >>> choose_backend("int8", "distilbert", "cpu", fp16=False)
    'int8'
    >>> choose_backend(None, "distilbert", "cuda", fp16=True)
    'fp16'
    >>> choose_backend(None, "roberta", "cpu", fp16=False)
    'torch'
    """
    if device != "cpu" and name in (None, "torch"):
        return "fp16" if fp16 else "torch"
    if name in CPU_ONLY and device != "cpu":
        raise TasbError(
            f"'tasb:{name}' runs on a CPU, not on {device}; say --device cpu, or use "
            "'tasb:fp16'"
        )
    if name is not None:
        return name
    if model_type in ARCHITECTURES:
        for backend, module in (("openvino", "openvino"), ("onnx", "onnxruntime")):
            if find_spec(module) is not None:
                return backend
    return "torch"


def load_backend(
    name: str | None,
    folder: Path,
    spec: EncoderSpec,
    device: str,
    *,
    fp16: bool = False,
    compiled: bool = False,
    threads: int | None = None,
) -> Backend:
    """Load a checkpoint into a backend.

    Where the user named none and the model can't be exported, or what was exported
    can't be loaded, PyTorch runs it, with a word on stderr that says why.

    Parameters
    ----------
    name, device, fp16
        As of `choose_backend`.
    folder, spec
        From :func:`~tasb_pyserini.encoders.checkpoint.find_checkpoint`.
    compiled
        Whether PyTorch compiles the model first.
    threads
        Most threads on a CPU; None:
        :func:`~tasb_pyserini.encoders.threads.default_threads`. PyTorch has a count of
        its own for the whole process.

    Raises
    ------
    TasbError
        If the backend is not installed or not for this device, or the model can't be
        exported.
    """
    model_type = read_config(folder).get("model_type", "")
    chosen = choose_backend(name, model_type, device, fp16=fp16)
    threads = threads or default_threads()
    if chosen in ("torch", "fp16") or (chosen == "bf16" and device != "cpu"):
        return _torch(chosen, folder, spec, device, compiled=compiled)
    try:
        return _exported(chosen, folder, spec, device, threads, fp16=fp16)
    except (TasbError, OSError) as error:
        if name is not None:
            raise
        why = " ".join(str(error).split())
        print(f"tasb: PyTorch runs {spec.checkpoint}: {why}", file=sys.stderr)
        return _torch("torch", folder, spec, device, compiled=compiled)


def _torch(
    name: str, folder: Path, spec: EncoderSpec, device: str, *, compiled: bool
) -> Backend:
    from tasb_pyserini.encoders.backends.pytorch import TorchBackend
    from tasb_pyserini.encoders.model import load_model

    model = load_model(folder, spec)
    return TorchBackend(model, device, name=name, compiled=compiled)


def _exported(
    name: str,
    folder: Path,
    spec: EncoderSpec,
    device: str,
    threads: int,
    *,
    fp16: bool,
) -> Backend:
    if name == "int8":
        return _int8(cached_export(folder, spec, "int8"), spec, threads)
    if name == "onnx":
        precision: WeightPrecision = "fp16" if fp16 and device != "cpu" else "fp32"
        return _onnx(cached_export(folder, spec, precision), device, threads)
    if find_spec("openvino") is None:
        raise TasbError(
            f"'tasb:{name}' on a CPU needs OpenVINO, which is not installed; run: "
            "pip install openvino"
        )
    return _openvino(cached_export(folder, spec, "fp32"), spec, threads, name)


def _int8(path: Path, spec: EncoderSpec, threads: int) -> Backend:
    if find_spec("openvino") is not None:
        return _openvino(path, spec, threads, "int8")
    return _onnx(path, "cpu", threads, "int8")


def _onnx(path: Path, device: str, threads: int, name: str = "onnx") -> Backend:
    from tasb_pyserini.encoders.backends.onnx_runtime import OnnxBackend

    return OnnxBackend(path, device, threads, name=name)


def _openvino(path: Path, spec: EncoderSpec, threads: int, name: str) -> Backend:
    from tasb_pyserini.encoders.backends.openvino_cpu import OpenVinoBackend

    compiled = path.with_suffix(COMPILED)
    return OpenVinoBackend(
        path, threads, dimension=spec.dimension, name=name, compiled=compiled
    )
