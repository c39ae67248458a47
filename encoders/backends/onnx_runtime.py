"""ONNX Runtime, on a CPU or an NVIDIA GPU."""

from pathlib import Path

import numpy as np
import onnxruntime

from tasb_pyserini.encoders.backends.backend import Ids, Vectors
from tasb_pyserini.formats.errors import TasbError

CUDA = "CUDAExecutionProvider"
_ERRORS_ONLY = 3


class OnnxBackend:
    """A file of ``tasb export`` in ONNX Runtime.

    Parameters
    ----------
    path
        The file.
    device
        ``cpu``, ``cuda`` or ``cuda:N``.
    threads
        Most threads of a matrix product on a CPU.
    name
        ``onnx``, or ``int8`` for a file with weights in int8.

    Raises
    ------
    TasbError
        If the file can't be read, or this ONNX Runtime has no CUDA or can't load it.
    """

    def __init__(
        self, path: Path, device: str, threads: int, *, name: str = "onnx"
    ) -> None:
        self.name, self.device = name, device
        kind, _, number = device.partition(":")
        providers: list[object] = ["CPUExecutionProvider"]
        if kind == "cuda":
            if CUDA not in onnxruntime.get_available_providers():
                raise TasbError(
                    f"device {device!r}: this ONNX Runtime has no CUDA; run: pip "
                    "install onnxruntime-gpu, or use 'tasb:torch'"
                )
            providers = [(CUDA, {"device_id": number or "0"})]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = _ERRORS_ONLY
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers)
        except Exception as error:  # each kind of failure has a class of its own
            raise TasbError(
                f"{path}: ONNX Runtime can't load it ({_line(error)}); "
                "delete it and run the same command again"
            ) from error
        if kind == "cuda" and CUDA not in self._session.get_providers():
            raise TasbError(
                f"device {device!r}: ONNX Runtime can't load CUDA's libraries; install "
                "the CUDA and cuDNN that it was built for, or use 'tasb:torch'"
            )

    def forward(self, ids: Ids) -> Vectors:
        """Return the vectors of texts of equal length; see `Backend`."""
        [vectors] = self._session.run(["pooler_output"], {"input_ids": ids})
        return np.asarray(vectors, np.float32)


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
