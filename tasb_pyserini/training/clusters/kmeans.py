"""K-means of query vectors, as the authors of TAS-B ran it or as their paper says."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.formats.errors import TasbError

Metric = Literal["inner-product", "euclidean"]

CLUSTERS = 2_000
ITERATIONS = 10  # what Faiss' IVF indexes train with, and so what the authors ran
POINTS_PER_CENTROID = 256
BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class Clustering:
    """Vectors put into clusters.

    Parameters
    ----------
    assignment
        Cluster of each vector, int32, shape ``(n,)``.
    centroids
        fp32, shape ``(k, dim)``; of length 1 under ``inner-product``.
    objective
        Over all vectors, the sum of inner products with their centroids (larger is
        better) or of squared distances to them (smaller is better).
    """

    assignment: NDArray[np.int32]
    centroids: NDArray[np.float32]
    objective: float


def cluster_vectors(
    vectors: NDArray[np.float32],
    *,
    k: int = CLUSTERS,
    metric: Metric = "inner-product",
    seed: int = 42,
    iterations: int = ITERATIONS,
    starts: int = 1,
    gpu: bool = False,
) -> Clustering:
    """Put vectors into `k` clusters with Faiss.

    ``inner-product`` is what made the published checkpoint: matchmaker's
    ``query_clusterer.py`` trains a Faiss IVF index with inner product, and that is
    spherical k-means on vectors as they are, not scaled to one length: 10 iterations,
    at most 256 training points a centroid, each vector in the cluster of the largest
    inner product. ``euclidean`` is what the paper says (eq. 10): the smallest sum of
    squared distances. Both begin with `k` random vectors as centroids.

    On CPUs the same vectors and seed give the same clusters every time, whatever the
    number of threads. A cluster can end up empty.

    Parameters
    ----------
    vectors
        fp32, shape ``(n, dim)``.
    k
        Number of clusters.
    metric
        Which of the two.
    seed
        Of the sample of training points and of the first centroids.
    iterations
        How often centroids move.
    starts
        How many times to begin with other centroids; the best end is kept.
    gpu
        Whether to use the GPUs that Faiss sees.

    Raises
    ------
    TasbError
        If there are fewer vectors than clusters, a vector holds NaN or infinity, the
        seed is not in [0, 2^31), or Faiss cannot be loaded.

    Examples
    --------
    >>> points = np.array([[9, 0], [8, 1], [0, 9], [1, 8]], dtype=np.float32)
    >>> left, also_left, *right = cluster_vectors(points, k=2).assignment
    >>> bool(left == also_left), bool(left in right)
    (True, False)
    """
    check_settings(len(vectors), k=k, seed=seed)
    _check_finite(vectors)
    faiss = load_faiss()
    spherical = metric == "inner-product"
    kmeans = faiss.Kmeans(
        vectors.shape[1],
        k,
        niter=iterations,
        nredo=starts,
        seed=seed,
        spherical=spherical,
        gpu=gpu,
        # Faiss prints a warning below its default of 39; whoever calls can count.
        min_points_per_centroid=1,
        max_points_per_centroid=POINTS_PER_CENTROID,
    )
    kmeans.train(vectors)
    if spherical and k == len(vectors):
        # Faiss then takes the vectors for centroids as they are, unscaled.
        faiss.normalize_L2(kmeans.centroids)
    _, nearest = kmeans.assign(vectors)
    assignment = nearest.astype(np.int32)
    objective = _objective(vectors, assignment, kmeans.centroids, metric)
    return Clustering(assignment, kmeans.centroids, objective)


def check_settings(n: int, *, k: int, seed: int) -> None:
    """Refuse a number of clusters or a seed that k-means of `n` vectors cannot take.

    Raises
    ------
    TasbError
        If `k` is not in [1, n], or the seed not in [0, 2^31).
    """
    if not 1 <= k <= n:
        raise TasbError(
            f"{k:,} clusters of {n:,} queries; expected at least one query a cluster; "
            f"choose k from 1 to {n:,}"
        )
    if not 0 <= seed < 2**31:
        # Faiss takes a 32-bit number, and the clock where it is negative.
        raise TasbError(f"seed {seed}; expected 0 to {2**31 - 1}")


def _check_finite(vectors: NDArray[np.float32]) -> None:
    for start in range(0, len(vectors), BLOCK):
        finite = np.isfinite(vectors[start : start + BLOCK]).all(axis=1)
        if not finite.all():
            raise TasbError(
                f"vector {start + int(finite.argmin()) + 1} of {len(vectors):,} holds "
                "NaN or infinity; expected finite numbers; check the encoder"
            )


def _objective(
    vectors: NDArray[np.float32],
    assignment: NDArray[np.int32],
    centroids: NDArray[np.float32],
    metric: Metric,
) -> float:
    total = 0.0
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK]
        own = centroids[assignment[start : start + BLOCK]]
        left, right = block, own
        if metric == "euclidean":
            left = right = block - own
        total += float(np.einsum("ij,ij->", left, right, dtype=np.float64))
    return total
