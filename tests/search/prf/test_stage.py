"""Runs with feedback are Pyserini's, on real passages and on awkward indexes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.cli.main import main
from tasb_pyserini.encoders.query import TasbQueryEncoder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.search.dense import dense_run
from tasb_pyserini.search.faiss_index import FaissIndex
from tasb_pyserini.search.prf.average import average
from tasb_pyserini.search.prf.rocchio import rocchio
from tasb_pyserini.search.prf.stage import Feedback, FeedbackIndex
from tests.checkpoints import make_checkpoint
from tests.conftest import Collections

pytest.importorskip("faiss")

Vectors = NDArray[np.float32]
HITS = 50


@dataclass(frozen=True)
class Work:
    """Part of SciFact: an index of it, queries, and what encodes them."""

    index: Path
    topics: Topics
    encoder: TasbQueryEncoder


@pytest.fixture(scope="module")
def work(collections: Collections, tmp_path_factory: pytest.TempPathFactory) -> Work:
    folder = tmp_path_factory.mktemp("prf")
    source = collections("scifact")
    lines = (source / "corpus.jsonl").read_text(encoding="utf-8").splitlines(True)
    (folder / "corpus.jsonl").write_text("".join(lines[:600]), encoding="utf-8")
    name = f"tasb:{make_checkpoint(folder / 'model', dimension=64)}"
    words = ["--corpus", folder / "corpus.jsonl", "--embeddings", folder / "E"]
    words += ["--encoder", name, "--device", "cpu", "--max-length", "64"]
    assert main(["encode", *map(str, words)]) == 0
    words = ["--input", folder / "E", "--output", folder / "I"]
    assert main(["index", *map(str, words)]) == 0
    topics = dict(list(read_topics(source / "topics.tsv").items())[:80])
    return Work(folder / "I", topics, TasbQueryEncoder(name))


METHODS: dict[str, tuple[int, Feedback, Callable[[Any], Any]]] = {
    "avg 1": (1, average, lambda prf: prf.DenseVectorAveragePrf()),
    "avg 10": (10, average, lambda prf: prf.DenseVectorAveragePrf()),
    "avg, more than there are": (
        700, average, lambda prf: prf.DenseVectorAveragePrf(),
    ),
    "rocchio, defaults": (
        5, rocchio, lambda prf: prf.DenseVectorRocchioPrf(0.9, 0.1, 0.1, 3, 0),
    ),
    "rocchio with negatives": (
        10,
        partial(rocchio, alpha=0.4, beta=0.6, gamma=0.2, topk=3, bottomk=4),
        lambda prf: prf.DenseVectorRocchioPrf(0.4, 0.6, 0.2, 3, 4),
    ),
    "rocchio, fewer than top and bottom": (
        2,
        partial(rocchio, alpha=0.4, beta=0.6, gamma=0.2, topk=5, bottomk=3),
        lambda prf: prf.DenseVectorRocchioPrf(0.4, 0.6, 0.2, 5, 3),
    ),
}  # fmt: skip
"""Depth, our method, and Pyserini's rule from its module."""


@pytest.mark.pyserini
@pytest.mark.parametrize("method", METHODS)
def test_a_run_is_that_of_pyserinis_rules(work: Work, method: str) -> None:
    depth, feedback, rule_of = METHODS[method]
    rule = rule_of(pyserini_prf())
    vectors = work.encoder.encode_batch(list(work.topics.values()))
    index = FeedbackIndex(FaissIndex(work.index), depth, feedback)
    ours = dense_run(index, list(work.topics), vectors, HITS)
    same(ours, one_by_one(work, depth, rule))
    same(ours, in_a_batch(work, depth, rule))


def pyserini_prf() -> Any:
    install_finder()
    start_jvm()
    from pyserini.search.faiss import _prf

    return _prf


def searcher(work: Work) -> Any:
    from pyserini.search.faiss import FaissSearcher

    return FaissSearcher(str(work.index), work.encoder)


def one_by_one(work: Work, depth: int, rule: Any) -> Run:
    """Search as ``python -m pyserini.search.faiss`` does without ``--batch-size``."""
    faiss, run = searcher(work), {}
    for qid, query in work.topics.items():
        vector, candidates = faiss.search(query, k=depth, return_vector=True)
        moved = rule.get_prf_q_emb(vector[0], candidates)
        hits = faiss.search(moved[np.newaxis].astype("float32"), k=HITS)
        run[qid] = {hit.docid: float(hit.score) for hit in hits}
    return run


def in_a_batch(work: Work, depth: int, rule: Any) -> Run:
    """Search as ``python -m pyserini.search.faiss --batch-size 80`` does."""
    faiss, qids = searcher(work), list(work.topics)
    queries = list(work.topics.values())
    vectors, candidates = faiss.batch_search(queries, qids, k=depth, return_vector=True)
    moved = rule.get_batch_prf_q_emb(qids, vectors, candidates)
    found = faiss.batch_search(moved, qids, k=HITS)
    return {qid: {h.docid: float(h.score) for h in found[qid]} for qid in qids}


def same(ours: Run, theirs: Run) -> None:
    assert list(ours) == list(theirs)
    for qid, hits in theirs.items():
        assert list(ours[qid]) == list(hits)
        np.testing.assert_allclose(
            list(ours[qid].values()), list(hits.values()), rtol=1e-5
        )


class Given:
    """An index of given vectors, searched by hand; finds what scores above zero."""

    def __init__(self, vectors: list[list[float]]) -> None:
        self.vectors = np.array(vectors, np.float32)
        self.folders = (Path("given"),)
        self.docids = [f"d{row}" for row in range(len(vectors))]

    def search(
        self, vectors: Vectors, k: int, threads: int | None = None
    ) -> tuple[Vectors, NDArray[np.int64]]:
        scores = vectors @ self.vectors.T
        positions = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(scores, positions, axis=1)
        return found, np.where(found > 0, positions, -1)

    def reconstruct(self, positions: NDArray[np.int64]) -> Vectors:
        assert (positions >= 0).all()
        return self.vectors[positions]


def test_a_passage_unlike_the_query_is_found_by_way_of_another() -> None:
    index = Given([[4.0, 4.0], [0.0, 5.0], [2.0, 0.0]])
    query = np.array([[3.0, 0.0]], np.float32)
    assert dense_run(index, ["q"], query, k=3) == {"q": {"d0": 12.0, "d2": 6.0}}
    run = dense_run(FeedbackIndex(index, 1, average), ["q"], query, k=3)
    # The new query is the mean of (3, 0) and d0: (3.5, 2).
    assert run == {"q": {"d0": 22.0, "d1": 10.0, "d2": 7.0}}


def test_a_query_that_finds_nothing_keeps_its_vector() -> None:
    index = FeedbackIndex(Given([[4.0, 4.0]]), 3, rocchio)
    queries = np.array([[-1.0, 0.0], [1.0, 0.0]], np.float32)
    expanded = index.expand(queries)
    assert expanded[0].tolist() == [-1.0, 0.0]
    np.testing.assert_allclose(expanded[1], [1.3, 0.4], rtol=1e-6)
    assert queries.tolist() == [[-1.0, 0.0], [1.0, 0.0]]


def test_an_index_without_its_vectors_is_refused() -> None:
    class Closed:
        folders = (Path("lucene"),)
        docids = ("d0",)

    with pytest.raises(TasbError, match="lucene: feedback reads the passages' vectors"):
        FeedbackIndex(Closed(), 3, average)  # type: ignore[arg-type]


def test_a_faiss_index_that_cant_give_its_vectors_back_is_named(
    work: Work, tmp_path: Path
) -> None:
    faiss = pytest.importorskip("faiss")
    flat = FaissIndex(work.index)
    vectors = flat.reconstruct(np.arange(600))
    reduced = faiss.index_factory(64, "PCA16,IVF1,Flat", faiss.METRIC_INNER_PRODUCT)
    reduced.train(vectors)
    reduced.add(vectors)
    faiss.write_index(reduced, str(tmp_path / "index"))
    (tmp_path / "docid").write_text("".join(f"{docid}\n" for docid in flat.docids))
    index = FeedbackIndex(FaissIndex(tmp_path), 3, average)
    with pytest.raises(TasbError, match="this kind of index does not give"):
        index.search(vectors[:2], 10)
