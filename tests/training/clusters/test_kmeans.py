"""K-means finds what is there, the same each time, as the authors' Faiss index does."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.encoders.encoded_queries import EncodedQueries, read_encoded_queries
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.clusters.kmeans import Metric, cluster_vectors
from tests.conftest import Collections

faiss = pytest.importorskip("faiss")

Vectors = NDArray[np.float32]
METRICS: list[Metric] = ["inner-product", "euclidean"]
SEEDS = range(10)


@pytest.fixture(scope="module")
def dl19(collections: Collections) -> EncodedQueries:
    """The DL19 queries as the public TAS-B checkpoint encodes them."""
    [archive] = Path(collections("tasb-encoded-queries")).glob("*.tar.gz")
    return read_encoded_queries(archive)


@pytest.fixture
def any_threads() -> Iterator[None]:
    """Set the number of threads back after the test."""
    before = faiss.omp_get_max_threads()
    yield
    faiss.omp_set_num_threads(before)


def grouped_vectors(n: int, dim: int, groups: int) -> tuple[Vectors, NDArray[np.int64]]:
    """Return vectors about 10 long around `groups` orthogonal centres, and whose."""
    rng = np.random.default_rng(5)
    group = np.arange(n) % groups
    vectors = 10 * np.eye(dim)[group] + rng.normal(0, 0.3, (n, dim))
    return vectors.astype(np.float32), group


@pytest.mark.parametrize("metric", METRICS)
def test_groups_that_lie_apart_are_found(metric: Metric) -> None:
    vectors, group = grouped_vectors(120, 16, 6)
    found = cluster_vectors(vectors, k=6, metric=metric, starts=20)
    pairs = set(zip(group.tolist(), found.assignment.tolist(), strict=True))
    assert len(pairs) == 6
    assert found.assignment.dtype == np.int32
    assert found.centroids.shape == (6, 16)


def test_directions_are_clustered_by_inner_product_and_places_by_distance() -> None:
    # Two directions, each with a short and a long vector.
    vectors = np.array([[1, 0], [30, 1], [0, 1], [1, 30]], dtype=np.float32)
    spherical = cluster_vectors(vectors, k=2, starts=10)
    first, second, third, fourth = spherical.assignment.tolist()
    assert first == second != third == fourth
    np.testing.assert_allclose(np.linalg.norm(spherical.centroids, axis=1), 1, 1e-5)
    # The best two places leave out one of the long vectors. The mean of the others,
    # (1, 0), (30, 1) and (0, 1), is (31/3, 2/3); their squared distances to it add up
    # to 1 + 901 + 1 - 3 (31/3)^2 - 3 (2/3)^2. Two and two would have 842.
    euclidean = cluster_vectors(vectors, k=2, metric="euclidean", starts=10)
    assert sorted(np.bincount(euclidean.assignment)) == [1, 3]
    assert euclidean.objective == pytest.approx(903 - (31**2 + 2**2) / 3)


def test_the_default_is_what_the_authors_index_does(dl19: EncodedQueries) -> None:
    """Faiss' IVF index with inner product, trained and asked for its lists."""
    rng = np.random.default_rng(1)
    near = dl19.vectors[rng.integers(0, 43, 3000)] + rng.normal(0, 0.3, (3000, 768))
    vectors = near.astype(np.float32)
    quantizer = faiss.IndexFlatIP(768)
    index = faiss.IndexIVFFlat(quantizer, 768, 10, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    _, lists = quantizer.search(vectors, 1)
    # 3,000 vectors are more than 256 for each of 10 centroids: both take a sample.
    ours = cluster_vectors(vectors, k=10, seed=index.cp.seed)
    np.testing.assert_array_equal(ours.assignment, lists[:, 0])
    np.testing.assert_array_equal(ours.centroids, quantizer.reconstruct_n(0, 10))


@pytest.mark.usefixtures("any_threads")
@pytest.mark.parametrize("metric", METRICS)
def test_runs_and_threads_make_no_difference_but_seeds_do(metric: Metric) -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(5000, 64)).astype(np.float32)
    results = []
    for threads in (1, 2, 2, 3):
        faiss.omp_set_num_threads(threads)
        results.append(cluster_vectors(vectors, k=50, metric=metric))
    for result in results[1:]:
        np.testing.assert_array_equal(result.assignment, results[0].assignment)
        np.testing.assert_array_equal(result.centroids, results[0].centroids)
        assert result.objective == results[0].objective
    other = cluster_vectors(vectors, k=50, metric=metric, seed=43)
    assert (other.assignment != results[0].assignment).mean() > 0.5


def test_the_objectives_are_their_formulas() -> None:
    vectors, _ = grouped_vectors(300, 8, 3)
    for metric in METRICS:
        found = cluster_vectors(vectors, k=5, metric=metric)
        own = found.centroids[found.assignment].astype(float)
        products, distances = vectors @ found.centroids.T, vectors.astype(float) - own
        if metric == "inner-product":
            assert found.objective == pytest.approx(products.max(axis=1).sum())
        else:
            assert found.objective == pytest.approx((distances**2).sum())


def test_euclidean_clusters_of_real_queries_are_as_good_as_scikit_learns(
    dl19: EncodedQueries,
) -> None:
    """Within 2 %, with as many starts; single starts differ more than that by chance.

    scikit-learn begins with k-means++, Faiss with random vectors.
    """
    cluster = pytest.importorskip("sklearn.cluster")
    for k, starts in ((4, 1), (4, 10), (8, 10)):
        ours, theirs = [], []
        for seed in SEEDS:
            found = cluster_vectors(
                dl19.vectors, k=k, metric="euclidean", starts=starts, seed=seed
            )
            ours.append(found.objective)
            kmeans = cluster.KMeans(k, n_init=starts, random_state=seed)
            theirs.append(kmeans.fit(dl19.vectors).inertia_)
        ratio = np.mean(ours) / np.mean(theirs)
        print(f"k {k}, {starts} starts: {np.mean(ours):.1f}, {ratio:.4f} of KMeans")
        assert ratio < 1.02


def test_spherical_clusters_of_real_queries_are_as_good_as_other_ways_to_them(
    dl19: EncodedQueries,
) -> None:
    """Those of scikit-learn on directions, and of a plain Lloyd iteration.

    Most of an inner product is what all queries of TAS-B have in common, so that any
    clusters are within 2 % of any others; the gain over one cluster tells them apart.
    """
    cluster = pytest.importorskip("sklearn.cluster")
    vectors = dl19.vectors
    one = _unit(vectors.sum(axis=0, keepdims=True))
    directions = _unit(vectors)
    gains: dict[str, list[float]] = {"ours": [], "KMeans": [], "Lloyd": []}
    for seed in SEEDS:
        found = cluster_vectors(vectors, k=6, starts=10, seed=seed)
        kmeans = cluster.KMeans(6, n_init=10, random_state=seed).fit(directions)
        lloyd = max(_lloyd(vectors, 6, 10 * seed + start) for start in range(10))
        values = (found.objective, _fit(vectors, _unit(kmeans.cluster_centers_)), lloyd)
        for name, value in zip(gains, values, strict=True):
            gains[name].append(value - _fit(vectors, one))
    means = {name: float(np.mean(values)) for name, values in gains.items()}
    print({name: round(value, 2) for name, value in means.items()})
    assert means["ours"] > 0.95 * max(means["KMeans"], means["Lloyd"])
    rng = np.random.default_rng(0)
    chance = [
        _unit(np.stack([part.sum(axis=0) for part in np.split(vectors[order], 6)]))
        for order in (rng.permutation(42) for _ in SEEDS)
    ]
    at_random = np.mean([_fit(vectors, each) - _fit(vectors, one) for each in chance])
    assert at_random < 0.8 * means["ours"]


def test_real_queries_cluster_by_topic(dl19: EncodedQueries) -> None:
    found = cluster_vectors(dl19.vectors, k=8, starts=50)
    clusters = [np.flatnonzero(found.assignment == number) for number in range(8)]
    for number, members in enumerate(clusters):
        print(number, [dl19.queries[member] for member in members])
    assert sum(map(len, clusters)) == 43
    assert max(map(len, clusters)) < 22
    # Queries of one cluster are nearer to each other than to the others.
    products = _unit(dl19.vectors) @ _unit(dl19.vectors).T
    same = found.assignment[:, None] == found.assignment
    pairs = ~np.eye(43, dtype=bool)
    assert products[same & pairs].mean() > products[~same].mean() + 0.02


def test_as_many_clusters_as_vectors_are_one_each() -> None:
    lengths = np.array([[1], [40], [3], [9]])
    vectors = (np.eye(4) * lengths + 0.1).astype(np.float32)
    for metric in METRICS:
        found = cluster_vectors(vectors, k=4, metric=metric)
        assert sorted(found.assignment.tolist()) == [0, 1, 2, 3]


def test_few_points_print_no_warning(capfd: pytest.CaptureFixture[str]) -> None:
    vectors, _ = grouped_vectors(20, 4, 2)
    cluster_vectors(vectors, k=10)
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


@pytest.mark.parametrize(
    ("k", "seed", "message"),
    [
        (11, 42, "11 clusters of 10 queries; expected at least one query a cluster"),
        (0, 42, "0 clusters of 10 queries; .*; choose k from 1 to 10"),
        (2, -1, "seed -1; expected 0 to 2147483647"),
        (2, 2**31, "seed 2147483648; expected 0 to 2147483647"),
    ],
)
def test_settings_that_cannot_be_are_refused(k: int, seed: int, message: str) -> None:
    with pytest.raises(TasbError, match=message):
        cluster_vectors(np.ones((10, 3), dtype=np.float32), k=k, seed=seed)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_not_finite_is_named(value: float) -> None:
    vectors, _ = grouped_vectors(50, 4, 2)
    vectors[17, 3] = value
    with pytest.raises(TasbError, match="vector 18 of 50 holds NaN or infinity"):
        cluster_vectors(vectors, k=2)


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _fit(vectors: Vectors, centroids: Vectors) -> float:
    return float((vectors @ centroids.T).max(axis=1).sum())


def _lloyd(vectors: Vectors, k: int, seed: int) -> float:
    """Spherical k-means by its definition, until nothing moves."""
    rng = np.random.default_rng(seed)
    centroids = _unit(vectors[rng.choice(len(vectors), k, replace=False)])
    while True:
        nearest = (vectors @ centroids.T).argmax(axis=1)
        sums = [vectors[nearest == number].sum(axis=0) for number in range(k)]
        moved = _unit(np.stack(sums))
        if np.allclose(moved, centroids, equal_nan=True):
            return _fit(vectors, np.nan_to_num(moved))
        centroids = np.nan_to_num(moved)
