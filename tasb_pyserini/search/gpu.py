"""Exhaustive search on a GPU, in fp16."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tasb_pyserini.bindings.faiss_library import describe_faiss, load_faiss, reason
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.units import size_in_words

MOST_HITS = 2048
"""Of a query: the most that Faiss' GPU kernels find."""

CHUNK = 65_536
"""Vectors brought to the GPU at once."""

PART = 1 << 20
"""Vectors of a part. A GPU index that grows is copied; then only a part is there twice,
not all."""


def on_gpu(index: Any, device: str, folder: Path) -> Any:
    """Return flat fp16 indexes on a GPU, searched as one, with the vectors of `index`.

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
        If Faiss can use no such GPU, the index is of another kind, or too large.
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
    return in_parts(
        index, lambda: faiss.GpuIndexFlatIP(resources, index.d, config), folder
    )


def in_parts(index: Any, empty: Callable[[], Any], folder: Path) -> Any:
    """Return an index's vectors in parts of `PART`, searched as one.

    Parameters
    ----------
    index
        Any that gives its vectors back.
    empty
        Makes an index for a part.
    folder
        Of the index, for errors.

    Raises
    ------
    TasbError
        If Faiss can't take them all.
    """
    parts = load_faiss().IndexShards(index.d, False, True)  # positions count through
    try:
        for begin in range(0, index.ntotal, PART):
            part, end = empty(), min(begin + PART, index.ntotal)
            for start in range(begin, end, CHUNK):
                part.add(index.reconstruct_n(start, min(CHUNK, end - start)))
            parts.add_shard(part)
    except RuntimeError as error:
        size = size_in_words(2 * index.d * index.ntotal)
        raise TasbError(
            f"{folder}: does not fit into the GPU's memory, as fp16 {size}; "
            f"search on the CPU, or on a larger GPU (Faiss: {reason(error)})"
        ) from error
    return parts
