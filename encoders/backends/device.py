"""The device that an encoder runs on, found without loading PyTorch where it can be."""

import ctypes
from importlib.util import find_spec

CPU_ONLY = ("openvino", "int8")
"""Backends that run on a CPU alone."""


def pick_device(name: str, backend: str | None = None) -> str:
    """Return ``cpu`` or a GPU that is there.

    PyTorch is asked only where NVIDIA's driver is: to load it takes seconds.

    Parameters
    ----------
    name
        ``cpu``, ``cuda``, ``cuda:N``; ``auto`` is a GPU where there is one and the
        backend runs on it.
    backend
        What the user named; None: any.

    Raises
    ------
    TasbError
        If there is no such device here.

    Examples
    --------
    >>> pick_device("cpu"), pick_device("auto", "int8")
    ('cpu', 'cpu')
    """
    if name == "cpu" or (
        name == "auto" and not (_has_driver() and runs_on_gpus(backend))
    ):
        return "cpu"
    from tasb_pyserini.encoders.device import resolve_device

    return str(resolve_device(name))


def runs_on_gpus(backend: str | None) -> bool:
    """Tell whether a backend, as it is installed here, runs on GPUs.

    Examples
    --------
    >>> runs_on_gpus("int8"), runs_on_gpus(None)
    (False, True)
    """
    if backend in CPU_ONLY:
        return False
    if backend == "onnx" and find_spec("onnxruntime") is not None:
        import onnxruntime

        return "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    return True


def _has_driver() -> bool:
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True
