"""Exact search over fp32 vectors: Pyserini's own kind."""

from typing import Any

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.indexing.kinds.kind import FLOAT, Kind
from tasb_pyserini.indexing.kinds.parameters import Parameters


def make(dimension: int, passages: int, parameters: Parameters) -> Any:
    """Return an empty ``IndexFlatIP``."""
    return load_faiss().IndexFlatIP(dimension)


def size(dimension: int, passages: int, parameters: Parameters) -> int:
    """Return the bytes of the vectors."""
    return passages * dimension * FLOAT


FLAT = Kind(make=make, size=size, storage="codes", summary="exact, fp32")
