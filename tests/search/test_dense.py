"""Dense search is the exact ranking by dot product."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.encoders.encoded_queries import EncodedQueries, read_encoded_queries
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.indexing.shards import Manifest, open_vectors, write_shard
from tasb_pyserini.search.dense import FaissIndex, dense_run, encoded_run
from tests.conftest import Collections

faiss = pytest.importorskip("faiss")

Matrix = NDArray[np.float32]


def make_index(folder: Path, vectors: Matrix) -> FaissIndex:
    dimension = vectors.shape[1]
    manifest = Manifest(
        passages=len(vectors),
        fingerprint="f",
        shard_size=1_000_000,
        passage_max_length=200,
        backend="torch",
    )
    spec = EncoderSpec(checkpoint="x", dimension=dimension)
    open_vectors(folder / "E", manifest, spec)
    write_shard(folder / "E", 0, [f"d{n}" for n in range(len(vectors))], vectors)
    build_index(folder / "E", folder / "I")
    return FaissIndex(folder / "I")


@pytest.fixture(scope="module")
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_the_run_is_numpys_ranking(tmp_path: Path, rng: np.random.Generator) -> None:
    passages = rng.normal(size=(500, 24)).astype(np.float32)
    queries = rng.normal(size=(7, 24)).astype(np.float32)
    run = dense_run(make_index(tmp_path, passages), list("abcdefg"), queries, k=10)
    scores = queries.astype(np.float64) @ passages.astype(np.float64).T
    for qid, row in zip("abcdefg", scores, strict=True):
        best = np.argsort(-row)[:10]
        assert list(run[qid]) == [f"d{position}" for position in best]
        np.testing.assert_allclose(list(run[qid].values()), row[best], rtol=1e-5)


def test_a_query_scores_the_same_alone_and_in_a_batch(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    """Faiss multiplies matrices for batches of 167 and more at this dimension."""
    index = make_index(tmp_path, rng.normal(size=(3000, 768)).astype(np.float32))
    queries = rng.normal(size=(400, 768)).astype(np.float32)
    scores, positions = index.search(queries, 1000)
    for row in range(0, 400, 29):
        plain_scores, plain_positions = index.index.search(queries[row : row + 1], 1000)
        np.testing.assert_array_equal(scores[row], plain_scores[0])
        np.testing.assert_array_equal(positions[row], plain_positions[0])


def test_equal_scores_are_ordered_as_trec_eval_does(tmp_path: Path) -> None:
    passages = np.array([[1.0], [2.0], [1.0], [1.0]], dtype=np.float32)
    run = dense_run(
        make_index(tmp_path, passages), ["q"], np.ones((1, 1), np.float32), k=4
    )
    assert list(run["q"]) == ["d1", "d3", "d2", "d0"]


def test_a_small_index_gives_all_it_has(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.eye(3, dtype=np.float32))
    run = dense_run(index, ["q"], np.array([[3.0, 2.0, 1.0]], np.float32), k=1000)
    assert run == {"q": {"d0": 3.0, "d1": 2.0, "d2": 1.0}}


def test_vectors_of_another_dimension_are_refused(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.eye(3, dtype=np.float32))
    with pytest.raises(
        TasbError, match="index of 3 dimensions, but query vectors of 4"
    ):
        dense_run(index, ["q"], np.ones((1, 4), np.float32), k=1)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("no index", "no file 'index'; expected a Faiss index directory"),
        ("torn index", "not a whole Faiss index; build it again"),
        ("lost docid", "3 vectors for 2 docids; build the index again"),
    ],
)
def test_a_damaged_index_is_named(tmp_path: Path, damage: str, message: str) -> None:
    make_index(tmp_path, np.eye(3, dtype=np.float32))
    index = tmp_path / "I" / "index"
    if damage == "no index":
        index.unlink()
    elif damage == "torn index":
        index.write_bytes(index.read_bytes()[:20])
    else:
        (tmp_path / "I" / "docid").write_text("d0\nd1\n")
    with pytest.raises(TasbError, match=message):
        FaissIndex(tmp_path / "I")


def test_the_real_tas_b_vectors_search_an_index_of_768_dimensions(
    collections: Collections, tmp_path: Path, rng: np.random.Generator
) -> None:
    [archive] = collections("tasb-encoded-queries").glob("*.tar.gz")
    encoded = read_encoded_queries(archive)
    noise = rng.normal(scale=0.01, size=encoded.vectors.shape).astype(np.float32)
    near = encoded.vectors + noise  # a passage beside each query
    topics = dict(zip(encoded.qids, encoded.queries, strict=True))
    run = encoded_run(make_index(tmp_path, near), encoded, topics, k=5)
    assert [next(iter(run[qid])) for qid in topics] == [f"d{n}" for n in range(43)]


def test_a_topic_without_a_vector_is_named(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.eye(2, dtype=np.float32))
    encoded = EncodedQueries(["1"], ["known"], np.eye(2, dtype=np.float32)[:1])
    with pytest.raises(TasbError, match=r"no vector for query 2 \('unknown'\)"):
        encoded_run(index, encoded, {"1": "known", "2": "unknown"}, k=1)


def test_a_search_leaves_the_number_of_threads_as_it_was(tmp_path: Path) -> None:
    before = faiss.omp_get_max_threads()
    index = make_index(tmp_path, np.eye(2, dtype=np.float32))
    try:
        faiss.omp_set_num_threads(3)
        dense_run(index, ["1"], np.ones((1, 2), np.float32), 1, threads=1)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)
