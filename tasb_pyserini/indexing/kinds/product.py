"""Product quantiser of 4 bits (fast scan) with refinement over fp16 vectors.

Vectors are turned to their main directions first, with two dimensions left for each
code; the best by codes, `REFINED` times as many as hits asked for, are scored once
more. Codes are in memory, 96 bytes a passage at 768 dimensions; of the fp16 vectors,
which are mapped from disk, only those scored once more are read.
"""

from typing import Any

import numpy as np

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.kinds.ivf import number_of_lists, with_lists_set
from tasb_pyserini.indexing.kinds.kind import FLOAT, HALF, Kind
from tasb_pyserini.indexing.kinds.parameters import Parameters

BITS = 4
REFINED = 4


def make_pq(dimension: int, passages: int, parameters: Parameters) -> Any:
    """Return an untrained index that scans all codes."""
    faiss = load_faiss()
    codes = number_of_codes(dimension, passages, parameters)
    scan = faiss.IndexPQFastScan(2 * codes, codes, BITS, faiss.METRIC_INNER_PRODUCT)
    return turned(dimension, scan)


def make_ivf_pq(dimension: int, passages: int, parameters: Parameters) -> Any:
    """Return an untrained index that scans the codes of the nearest lists."""
    faiss = load_faiss()
    codes = number_of_codes(dimension, passages, parameters)
    scan = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(2 * codes),
        2 * codes,
        number_of_lists(passages, parameters),
        codes,
        BITS,
        faiss.METRIC_INNER_PRODUCT,
    )
    scan.by_residual = True
    return turned(dimension, with_lists_set(scan, parameters))


def turned(dimension: int, scan: Any) -> Any:
    """Put the turn to the main directions before an index."""
    faiss = load_faiss()
    turn = faiss.PCAMatrix(dimension, scan.d, 0, True)
    return faiss.IndexPreTransform(turn, scan)


def train(index: Any, sample: Any) -> None:
    """Train directions, lists and codes.

    Faiss centres vectors before it turns them. Passages and queries would both be
    moved, which changes the order of inner products; so only the turn is kept.
    """
    faiss = load_faiss()
    turn = faiss.downcast_VectorTransform(index.chain.at(0))
    turn.train(sample)
    faiss.copy_array_to_vector(np.zeros(turn.d_out, np.float32), turn.b)
    scan = faiss.downcast_index(index.index)
    scan.train(turn.apply(sample))
    index.is_trained = True


def number_of_codes(dimension: int, passages: int, parameters: Parameters) -> int:
    """Return how many codes a passage gets: one for four dimensions.

    Raises
    ------
    TasbError
        If vectors or passages are too few for it.

    Examples
    --------
    >>> number_of_codes(768, 100_000, Parameters())
    192
    """
    codes = parameters.pq_m or max(1, dimension // 4)
    if 2 * codes > dimension:
        raise TasbError(
            f"{codes} codes for {dimension} dimensions; "
            f"expected at most {dimension // 2}, one for two: lower --pq-m"
        )
    least = max(2**BITS, 2 * codes)
    if passages < least:
        raise TasbError(
            f"{passages:,} passages are too few to learn {codes} codes from; "
            f"expected at least {least}: take --kind flat"
        )
    return codes


def size_pq(dimension: int, passages: int, parameters: Parameters) -> int:
    """Return the bytes of codes and fp16 vectors."""
    codes = parameters.pq_m or max(1, dimension // 4)
    turn = (2 * codes + dimension) * dimension * FLOAT
    return passages * (codes * BITS // 8 + dimension * HALF) + turn


def size_ivf_pq(dimension: int, passages: int, parameters: Parameters) -> int:
    """Return the bytes of codes, passages' numbers, centroids and fp16 vectors."""
    lists = number_of_lists(passages, parameters)
    centroids = lists * dimension * HALF
    return size_pq(dimension, passages, parameters) + passages * 8 + centroids


PQ = Kind(
    make=make_pq,
    size=size_pq,
    storage="refined",
    takes=("pq_m",),
    summary="4-bit codes, the best scored again in fp16",
)
IVF_PQ = Kind(
    make=make_ivf_pq,
    size=size_ivf_pq,
    storage="refined",
    takes=("nlist", "nprobe", "pq_m"),
    summary="as pq, in lists, for many millions",
)
