"""Exhaustive search on a GPU, in fp16."""

from pathlib import Path
from typing import Any

from tasb_pyserini.bindings.faiss_library import describe_faiss, load_faiss
from tasb_pyserini.formats.errors import TasbError

MOST_HITS = 2048
"""Of a query: the most that Faiss' GPU kernels find."""

CHUNK = 65_536
"""Vectors brought to the GPU at once."""


def on_gpu(index: Any, device: str, folder: Path) -> Any:
    """Return a flat fp16 index on a GPU with the vectors of `index`.

    It finds at most `MOST_HITS` hits a query.

    Parameters
    ----------
    index
        Flat, fp16 or int8.
    device
        ``cuda`` or ``cuda:N``.
    folder
        Of the index, for errors.

    Raises
    ------
    TasbError
        If Faiss can use no such GPU, or the index is of another kind.
    """
    faiss = load_faiss()
    kind, _, number = device.partition(":")
    library = describe_faiss()
    gpus = library.gpus
    if kind != "cuda" or not (number or "0").isdigit() or int(number or 0) >= gpus:
        other = (
            " (this Faiss is for CPUs; run: pip uninstall -y faiss-cpu, then: "
            'pip install "tasb-pyserini[gpu]")'
        )
        raise TasbError(
            f"no device {device!r}: Faiss can use {gpus} GPUs; expected cpu, cuda or "
            f"cuda:N{other if library.kind == 'cpu' else ''}"
        )
    if not isinstance(index, (faiss.IndexFlatIP, faiss.IndexScalarQuantizer)):
        raise TasbError(
            f"{folder}: {type(index).__name__} is searched on a CPU only; expected a "
            "flat, fp16 or int8 index"
        )
    config = faiss.GpuIndexFlatConfig()
    config.useFloat16 = True
    config.device = int(number or 0)
    resources = faiss.StandardGpuResources()
    moved = faiss.GpuIndexFlatIP(resources, index.d, config)
    for start in range(0, index.ntotal, CHUNK):
        moved.add(index.reconstruct_n(start, min(CHUNK, index.ntotal - start)))
    return moved
