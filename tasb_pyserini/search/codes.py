"""Exact search of fp16 and int8 codes for many queries at once.

Faiss decodes each code anew for every query. Here a block of codes is decoded once and
multiplied with all queries; what was found is scored once more as Faiss does for a
single query.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.search.best import Positions, Scores

LEAST_TOGETHER = 64
"""Queries from which on this is faster than Faiss alone."""

BLOCK = 65_536
"""Passages decoded at once: 200 MB at 768 dimensions."""


def search_codes(
    index: Any, vectors: NDArray[np.float32], k: int
) -> tuple[Scores, Positions]:
    """Return each query's `k` best passages, as Faiss scores them one query at a time.

    Parameters
    ----------
    index
        An ``IndexScalarQuantizer`` of inner products.
    vectors
        Query vectors, fp32, shape ``(n_queries, dimension)``.
    k
        Hits a query, no more than there are passages.

    Returns
    -------
    tuple
        Scores (fp32) and positions, both ``(n_queries, k)``, best first.
    """
    faiss = load_faiss()
    found = faiss.ResultHeap(len(vectors), k, keep_max=True)
    room = np.empty((min(BLOCK, index.ntotal), index.d), np.float32)
    for start in range(0, index.ntotal, BLOCK):
        block = room[: index.ntotal - start]
        index.reconstruct_n(start, len(block), block)
        hits = min(k, len(block))
        scores, positions = faiss.knn(
            vectors, block, hits, metric=faiss.METRIC_INNER_PRODUCT
        )
        found.add_result(scores, positions + start)
    found.finalize()
    return _scored_again(index, vectors, found.I)


def _scored_again(
    index: Any, vectors: NDArray[np.float32], positions: Positions
) -> tuple[Scores, Positions]:
    faiss = load_faiss()
    size = index.ntotal * index.code_size
    codes = faiss.rev_swig_ptr(index.codes.data(), size).reshape(index.ntotal, -1)
    scores = np.empty(positions.shape, np.float32)
    own = threading.local()

    def start() -> None:
        faiss.omp_set_num_threads(1)
        own.few = faiss.IndexScalarQuantizer(index.d, index.sq.qtype, index.metric_type)
        own.few.sq, own.few.is_trained = index.sq, True

    def score(row: int) -> None:
        found = positions[row]
        own.few.reset()
        own.few.add_sa_codes(codes[found])
        scores[row], order = own.few.search(vectors[row : row + 1], len(found))
        positions[row] = found[order[0]]

    with ThreadPoolExecutor(faiss.omp_get_max_threads(), initializer=start) as pool:
        list(pool.map(score, range(len(vectors))))
    return scores, positions
