"""OpenVINO: the fastest on CPUs, Intel's and AMD's."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import openvino
from filelock import FileLock

from tasb_pyserini.encoders.backends.backend import Ids, Vectors
from tasb_pyserini.formats.errors import TasbError

GROUPS = (384, 256, 128)
"""How many numbers of a token's vector may share a scale when int8 weights meet them.

The largest that divides the dimension: fewer scales make longer products."""


def _load_core() -> openvino.Core:
    core = openvino.Core()
    core.get_property("CPU", "FULL_DEVICE_NAME")  # loads the plugin
    return core


# OpenVINO's CPU plugin gives the thread that loads it a stack for signals, and unmaps
# it when its core goes (its plugin.cpp, SigAltStackSetup). Where cores overlap, or one
# goes in another thread, a thread keeps the address, and its next signal is a
# segmentation fault. So one core serves all, loaded in a thread that ends.
with ThreadPoolExecutor(1) as _thread:
    CORE = _thread.submit(_load_core).result()


class OpenVinoBackend:
    """A file of ``tasb export`` in OpenVINO.

    With weights in int8, activations are rounded to int8 as they come, each token for
    itself, so that a vector of 128 dimensions or more does not depend on its batch.
    Between the matrix products stands bf16 then, where the CPU has it.

    Parameters
    ----------
    path
        The file.
    threads
        Most threads.
    dimension
        Of its vectors.
    name
        ``openvino``, ``int8`` for a file with weights in int8, or ``bf16``, which a CPU
        without such instructions computes in fp32.
    compiled
        Folder for the compiled model, which loads in a third of the time; None: it is
        compiled each time.

    Raises
    ------
    TasbError
        If the file can't be read.
    """

    device = "cpu"

    def __init__(
        self,
        path: Path,
        threads: int,
        *,
        dimension: int,
        name: str = "openvino",
        compiled: Path | None = None,
    ) -> None:
        self.name = name
        fitting = (size for size in GROUPS if dimension % size == 0)
        group = next(fitting, GROUPS[-1]) if name == "int8" else 0
        options: dict[str, str | int] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32" if name == "openvino" else "bf16",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": group,
        }
        try:
            with _kept(compiled) as kept:
                self._model = CORE.compile_model(path, "CPU", options | kept)
        except RuntimeError as error:
            line = str(error).strip().splitlines()[-1]
            raise TasbError(
                f"{path}: OpenVINO can't load it ({line}); "
                "delete it and run the same command again"
            ) from error
        self._requests = threading.local()  # a request serves one caller at a time

    def forward(self, ids: Ids) -> Vectors:
        """Return the vectors of texts of equal length; see `Backend`."""
        if not hasattr(self._requests, "mine"):
            self._requests.mine = self._model.create_infer_request()
        results = self._requests.mine.infer([ids], share_inputs=True)
        return np.array(results["pooler_output"], np.float32)


@contextmanager
def _kept(folder: Path | None) -> Iterator[dict[str, str | int]]:
    """Yield OpenVINO's option; one process at a time writes and reads the folder."""
    if folder is None:
        yield {}
        return
    try:
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / "lock")
        lock.acquire()
    except OSError:  # a cache of another user's
        yield {}
        return
    try:
        yield {"CACHE_DIR": str(folder)}
    finally:
        lock.release()
