"""A graph of neighbours (Malkov and Yashunin, TPAMI 2020) over fp32 vectors."""

from typing import Any

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.indexing.kinds.kind import FLOAT, Kind
from tasb_pyserini.indexing.kinds.parameters import Parameters

LINKS, EF_CONSTRUCTION, EF_SEARCH = 64, 256, 512


def make(dimension: int, passages: int, parameters: Parameters) -> Any:
    """Return an empty graph.

    A search for `k` hits looks at `k` candidates at least, and at `EF_SEARCH`.
    """
    faiss = load_faiss()
    links = parameters.links or LINKS
    index = faiss.IndexHNSWFlat(dimension, links, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = parameters.ef_construction or EF_CONSTRUCTION
    index.hnsw.efSearch = EF_SEARCH
    return index


def size(dimension: int, passages: int, parameters: Parameters) -> int:
    """Return the bytes of vectors and links; the lowest level has twice as many."""
    links = 2 * (parameters.links or LINKS)
    return passages * (dimension * FLOAT + links * 4)


HNSW = Kind(
    make=make,
    size=size,
    storage="memory",
    takes=("links", "ef_construction"),
    summary="graph; fast, slow to build",
)
