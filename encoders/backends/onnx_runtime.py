"""ONNX Runtime, on a CPU or an NVIDIA GPU."""

from pathlib import Path

import numpy as np
import onnxruntime

from tasb_pyserini.encoders.backends.backend import Ids, OutOfMemory, Vectors
from tasb_pyserini.encoders.padding import PADDING
from tasb_pyserini.formats.errors import TasbError, first_line

CUDA = "CUDAExecutionProvider"
_FATAL_ONLY = 4  # other errors are raised, and a batch that does not fit is none
_OUT_OF_MEMORY = (
    "Failed to allocate memory",  # its arena
    "out of memory",  # CUDA
    "_STATUS_ALLOC_FAILED",  # cuBLAS and cuDNN
)


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
        gpu = device != "cpu"
        if gpu and CUDA not in onnxruntime.get_available_providers():
            raise TasbError(
                f"device {device!r}: this ONNX Runtime has no CUDA; run: pip "
                "install onnxruntime-gpu, or use 'tasb:torch'"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = _FATAL_ONLY
        try:
            self._session = onnxruntime.InferenceSession(
                path, options, choose_providers(device)
            )
        except Exception as error:  # each kind of failure has a class of its own
            if _is_out_of_memory(error):
                raise TasbError(
                    f"{device}: its memory is too small for the model; end what else "
                    "runs on it, or say --device cpu"
                ) from error
            raise TasbError(
                f"{path}: ONNX Runtime can't load it ({first_line(error)}); "
                "delete it and run the same command again"
            ) from error
        if gpu and CUDA not in self._session.get_providers():
            raise TasbError(
                f"device {device!r}: ONNX Runtime can't load CUDA's libraries; install "
                "the CUDA and cuDNN that it was built for, or use 'tasb:torch'"
            )

    def forward(self, ids: Ids) -> Vectors:
        """Return the vectors of texts; see `Backend`."""
        tokens = ids != PADDING
        inputs = {"input_ids": ids}
        if not tokens.all():
            inputs = {"input_ids": ids * tokens, "attention_mask": tokens.astype(int)}
        try:
            [vectors] = self._session.run(["pooler_output"], inputs)
        except Exception as error:  # none of its classes is a RuntimeError
            if _is_out_of_memory(error):
                raise OutOfMemory from error
            raise
        return np.asarray(vectors, np.float32)


def choose_providers(device: str) -> list[tuple[str, dict[str, str]]]:
    """Return what ONNX Runtime should compute with, and its options.

    On a GPU in fp32: it would round the factors of products to TF32 unless told.
    """
    kind, _, number = device.partition(":")
    if kind == "cpu":
        return [("CPUExecutionProvider", {})]
    return [(CUDA, {"device_id": number or "0", "use_tf32": "0"})]


def _is_out_of_memory(error: Exception) -> bool:
    """Tell by what ONNX Runtime says; it has no class for it."""
    return any(said in str(error) for said in _OUT_OF_MEMORY)
