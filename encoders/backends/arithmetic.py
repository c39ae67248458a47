"""In what a backend computes, which its name alone does not say."""

from importlib.util import find_spec


def describe_arithmetic(backend: str, device: str, *, fp16: bool = False) -> str:
    """Return what vectors must share to be put together, beside the backend's name.

    Parameters
    ----------
    backend
        From :func:`~tasb_pyserini.encoders.backends.choice.choose_backend`.
    device
        ``cpu``, ``cuda`` or ``cuda:N``.
    fp16
        As it was loaded with; ``tasb:onnx`` has no name of its own for it.

    Examples
    --------
    >>> describe_arithmetic("onnx", "cuda:0", fp16=True)
    'fp16'
    >>> describe_arithmetic("fp16", "cuda:0")
    'fp16 products (autocast)'
    >>> describe_arithmetic("openvino", "cpu", fp16=True)
    'fp32'
    """
    if backend == "int8":
        if find_spec("openvino") is None:
            return "int8 weights"
        between = "bf16" if _cpu_has_bf16() else "fp32"
        return f"int8 weights and activations, {between} between"
    if backend == "bf16" and device == "cpu":
        return "bf16" if _cpu_has_bf16() else "fp32"
    if backend in ("fp16", "bf16") and device != "cpu":
        return f"{backend} products (autocast)"
    if backend == "onnx" and fp16 and device != "cpu":
        return "fp16"
    return "fp32"


def _cpu_has_bf16() -> bool:
    from tasb_pyserini.encoders.backends.openvino_cpu import CORE

    return "BF16" in CORE.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
