"""Our hybrid searcher gives Pyserini's hits, in an order that chance has no part in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.encoders.query import TasbQueryEncoder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.hybrid import HybridSearcher
from tests.conftest import Collections
from tests.search.scifact import Part, make_faiss_index, make_part

pytestmark = pytest.mark.pyserini
pytest.importorskip("faiss")


@dataclass(frozen=True)
class Both:
    """A part of SciFact, opened by Pyserini's two searchers."""

    part: Part
    dense: Any
    sparse: Any


@pytest.fixture(scope="module")
def both(collections: Collections, tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder = tmp_path_factory.mktemp("hybrid")
    part = make_part(collections("scifact"), folder, passages=600, queries=30)
    model, index = make_faiss_index(part, folder)
    sparse = lucene_searcher(part.lucene)
    from pyserini.search.faiss import FaissSearcher

    encoder = TasbQueryEncoder(f"tasb:{model}", device="cpu")
    return Both(part, FaissSearcher(str(index), encoder), sparse)


@dataclass
class Hit:
    docid: str
    score: float


class Fixed:
    """A searcher of another make, with hits that never change."""

    def __init__(self, scores: Mapping[str, float]) -> None:
        self.hits = [Hit(docid, score) for docid, score in scores.items()]

    def batch_search(
        self, queries: list[str], q_ids: list[str], k: int = 10, threads: int = 1
    ) -> dict[str, list[Hit]]:
        return {qid: self.hits[:k] for qid in q_ids}


def pairs(hits: list[Any]) -> list[tuple[str, float]]:
    return [(hit.docid, hit.score) for hit in hits]


@pytest.mark.parametrize("normalization", [False, True])
@pytest.mark.parametrize("weight_on_dense", [False, True])
def test_scores_are_pyserinis(
    both: Both, normalization: bool, weight_on_dense: bool
) -> None:
    from pyserini.search.hybrid import HybridSearcher as Theirs

    # The last topic has no sparse hits; with normalization Pyserini takes 0 … 1 there.
    said: dict[str, Any] = {"alpha": 0.3, "normalization": normalization}
    said |= {"weight_on_dense": weight_on_dense, "k0": 40, "k": 60}
    topics = both.part.queries, both.part.qids
    theirs = Theirs(both.dense, both.sparse).batch_search(*topics, **said)
    ours = HybridSearcher(both.dense, both.sparse).batch_search(*topics, **said)
    assert list(ours) == list(theirs)
    for qid, hits in theirs.items():
        np.testing.assert_allclose(
            [hit.score for hit in ours[qid]], [hit.score for hit in hits], rtol=1e-6,
            atol=1e-6,
        )  # fmt: skip
        expected, last = dict(pairs(hits)), hits[-1].score
        for docid, score in pairs(ours[qid]):
            # Of documents that tie for the last place, either may be left out.
            assert score == pytest.approx(expected.get(docid, last), rel=1e-6, abs=1e-6)


def test_hits_are_pyserinis_own_class(both: Both) -> None:
    from pyserini.search.faiss import DenseSearchResult

    [hit] = HybridSearcher(both.dense, both.sparse).search("cell death", k=1)
    assert type(hit) is DenseSearchResult


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_batch_gives_what_its_queries_give_alone(both: Both, threads: int) -> None:
    searcher = HybridSearcher(both.dense, both.sparse)
    batch = searcher.batch_search(
        both.part.queries, both.part.qids, k0=50, k=50, threads=threads
    )
    alone = {
        qid: searcher.search(query, k0=50, k=50)
        for qid, query in both.part.topics.items()
    }
    assert batch == alone


def test_ties_are_ordered_as_in_trec_eval() -> None:
    searcher = HybridSearcher(Fixed({"a": 1.0, "b": 1.0}), Fixed({"c": 5.0}))
    assert pairs(searcher.search("q", alpha=1.0)) == [
        ("c", 6.0),
        ("b", 6.0),
        ("a", 6.0),
    ]


def test_a_list_of_one_hit_or_of_equal_scores_is_normalised_to_0() -> None:
    searcher = HybridSearcher(Fixed({"a": 7.0}), Fixed({"b": 3.0, "c": 3.0}))
    found = searcher.search("q", alpha=0.5, normalization=True)
    assert pairs(found) == [("c", 0.0), ("b", 0.0), ("a", 0.0)]


def test_an_empty_side_counts_as_0() -> None:
    some = {"a": 2.0, "b": 1.0}
    assert pairs(HybridSearcher(Fixed(some), Fixed({})).search("q", alpha=0.5)) == [
        ("a", 2.0),
        ("b", 1.0),
    ]
    assert pairs(HybridSearcher(Fixed({}), Fixed(some)).search("q", alpha=0.5)) == [
        ("a", 1.0),
        ("b", 0.5),
    ]
    assert HybridSearcher(Fixed({}), Fixed({})).search("q") == []


def test_k_cuts_the_fused_list_and_k0_each_side() -> None:
    searcher = HybridSearcher(Fixed({"a": 2.0, "b": 1.0}), Fixed({"c": 9.0, "d": 8.0}))
    assert {hit.docid for hit in searcher.search("q", k0=1, k=10)} == {"a", "c"}
    assert len(searcher.search("q", k0=2, k=3)) == 3


def test_no_queries_give_no_hits(both: Both) -> None:
    assert HybridSearcher(both.dense, both.sparse).batch_search([], []) == {}


def test_alpha_must_be_a_finite_number() -> None:
    with pytest.raises(TasbError, match="alpha nan: expected a finite number"):
        HybridSearcher(Fixed({}), Fixed({})).search("q", alpha=float("nan"))
