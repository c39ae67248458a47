"""Inverted lists of fp32 vectors: a query looks into the lists nearest to it."""

import math
from typing import Any

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.kinds.kind import FLOAT, Kind
from tasb_pyserini.indexing.kinds.parameters import Parameters

ITERATIONS = 10
LEAST_A_LIST = 39
"""Passages a list that Faiss wants for its k-means."""


def make(dimension: int, passages: int, parameters: Parameters) -> Any:
    """Return untrained lists."""
    faiss = load_faiss()
    lists = number_of_lists(passages, parameters)
    index = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(dimension), dimension, lists, faiss.METRIC_INNER_PRODUCT
    )
    return with_lists_set(index, parameters)


def with_lists_set(index: Any, parameters: Parameters) -> Any:
    """Give lists the number that a query looks into, and their k-means its rounds."""
    index.cp.niter = ITERATIONS
    index.nprobe = min(parameters.nprobe or max(1, index.nlist // 2), index.nlist)
    return index


def number_of_lists(passages: int, parameters: Parameters) -> int:
    """Return how many lists: about twice the square root of the passages.

    Raises
    ------
    TasbError
        If there are more lists than passages.

    Examples
    --------
    >>> number_of_lists(1_000_000, Parameters()), number_of_lists(10, Parameters())
    (2000, 1)
    """
    if parameters.nlist and parameters.nlist > passages:
        raise TasbError(
            f"{parameters.nlist:,} lists for {passages:,} passages; "
            "expected no more lists than passages: lower --nlist"
        )
    own = min(2 * math.isqrt(passages), passages // LEAST_A_LIST)
    return parameters.nlist or max(1, own)


def size(dimension: int, passages: int, parameters: Parameters) -> int:
    """Return the bytes of vectors, their numbers and the lists' centroids."""
    lists = number_of_lists(passages, parameters)
    return passages * (dimension * FLOAT + 8) + lists * dimension * FLOAT


IVF = Kind(
    make=make,
    size=size,
    storage="memory",
    takes=("nlist", "nprobe"),
    summary="lists of fp32 vectors, half of them searched",
)
