"""Dense search is the exact ranking by dot product."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasb_pyserini.encoders.encoded_queries import EncodedQueries, read_encoded_queries
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.search import dense
from tasb_pyserini.search.dense import dense_run, dense_runs, encoded_vectors
from tasb_pyserini.search.faiss_index import FaissIndex
from tests.conftest import Collections
from tests.search.vectors_index import Matrix, make_index

pytest.importorskip("faiss")


def encoded_run(
    index: FaissIndex, encoded: EncodedQueries, topics: Topics, k: int
) -> Run:
    vectors = encoded_vectors(encoded, topics)
    return dense_run(index, list(topics), vectors, k)


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


def test_dev_topics_find_the_vectors_of_their_trimmed_texts(
    collections: Collections, tmp_path: Path
) -> None:
    file = collections("msmarco-topics-qrels") / "topics.msmarco-passage.dev-subset.txt"
    texts = ["Androgen receptor define", "does bacterial infection cause joint pain"]
    qids, vectors = ["2", "163602"], np.eye(2, dtype=np.float32)
    topics = read_topics(file)  # has a space before the one, after the other
    run = encoded_run(
        make_index(tmp_path, vectors),
        EncodedQueries(qids, texts, vectors),
        {qid: topics[qid] for qid in qids},
        k=1,
    )
    assert run == {"2": {"d0": 1.0}, "163602": {"d1": 1.0}}


def test_parts_of_a_run_are_the_whole_run(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "BLOCK", 64)
    index = make_index(tmp_path, rng.normal(size=(300, 24)).astype(np.float32))
    queries = rng.normal(size=(150, 24)).astype(np.float32)
    qids = [f"q{row}" for row in range(150)]
    parts = list(dense_runs(index, qids, queries, k=20))
    assert [len(part) for part in parts] == [64, 64, 22]
    whole = {qid: list(hits.items()) for part in parts for qid, hits in part.items()}
    expected = dense_run(index, qids, queries, k=20)
    assert list(whole.items()) == [(q, list(h.items())) for q, h in expected.items()]
    queries[149, 3] = np.nan
    with pytest.raises(TasbError, match="vector of query 150 of 150: NaN"):
        next(dense_runs(index, qids, queries, k=20))


def test_a_bar_need_not_wait_for_more_than_512_queries(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.eye(2, dtype=np.float32))
    queries = np.ones((1_025, 2), np.float32)
    parts = dense_runs(index, [f"q{row}" for row in range(1_025)], queries, k=1)
    assert [len(part) for part in parts] == [512, 512, 1]


def test_a_topic_without_a_vector_is_named(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.eye(2, dtype=np.float32))
    encoded = EncodedQueries(["1"], ["known"], np.eye(2, dtype=np.float32)[:1])
    with pytest.raises(TasbError, match=r"no vector for query 2 \('unknown'\)"):
        encoded_run(index, encoded, {"1": "known", "2": "unknown"}, k=1)


def test_a_docid_that_is_there_twice_keeps_its_better_score(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.diag([3.0, 2.0, 1.0]).astype(np.float32))
    index.docids = ["a", "b", "a"]
    run = dense_run(index, ["q"], np.ones((1, 3), np.float32), k=3)
    assert list(run["q"].items()) == [("a", 3.0), ("b", 2.0)]


def test_no_more_hits_are_asked_for_than_there_are(tmp_path: Path) -> None:
    index = make_index(tmp_path, np.eye(3, dtype=np.float32))
    search, asked = index.search, []

    def counting(vectors: Matrix, k: int, threads: int | None = None) -> Any:
        asked.append(k)
        return search(vectors, k, threads)

    index.search = counting  # type: ignore[method-assign]
    run = dense_run(index, ["q"], np.ones((1, 3), np.float32), k=10**9)
    assert asked == [3]
    assert len(run["q"]) == 3
