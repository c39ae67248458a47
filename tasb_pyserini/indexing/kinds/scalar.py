"""Exhaustive search over vectors in fewer bits: fp16, or 8 bits a dimension."""

from typing import Any

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.indexing.kinds.kind import HALF, Kind
from tasb_pyserini.indexing.kinds.parameters import Parameters


def make_fp16(dimension: int, passages: int, parameters: Parameters) -> Any:
    """Return an empty index of fp16 vectors."""
    faiss = load_faiss()
    return faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )


def size_fp16(dimension: int, passages: int, parameters: Parameters) -> int:
    """Return the bytes of the vectors."""
    return passages * dimension * HALF


def make_int8(dimension: int, passages: int, parameters: Parameters) -> Any:
    """Return an untrained index of 8 bits a dimension, each with a range of its own.

    One range for all dimensions (``QT_8bit_uniform``) loses twice as many of the best
    1,000.
    """
    faiss = load_faiss()
    return faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )


def size_int8(dimension: int, passages: int, parameters: Parameters) -> int:
    """Return the bytes of the vectors."""
    return passages * dimension


FP16 = Kind(
    make=make_fp16,
    size=size_fp16,
    storage="codes",
    summary="half the size, all but exact",
)
INT8 = Kind(
    make=make_int8, size=size_int8, storage="codes", summary="a quarter of the size"
)
