"""Which triples come of hits and qrels, and what is left out and counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run, Triple
from tasb_pyserini.formats.runs import ranked
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.mine import mine_triples
from tasb_pyserini.training.mining.passages import UnknownPassage
from tasb_pyserini.training.mining.report import MiningReport
from tests.training.mining.mined import HITS, mine, passage_keys


def test_each_positive_meets_each_negative_of_its_query() -> None:
    triples = mine({"q": HITS}, {"q": {"d2": 1, "elsewhere": 2, "d3": 0}}, negatives=15)
    negatives = [triple.neg for triple in triples if triple.pos == "d2"]
    assert len(set(negatives)) == len(negatives) == 15
    assert "d2" not in negatives
    assert triples == [
        Triple("q", pos, neg) for pos in ("d2", "elsewhere") for neg in negatives
    ]


def test_negatives_come_from_the_ranks_after_skip_up_to_depth() -> None:
    triples = mine({"q": HITS}, {"q": {"d6": 1}}, negatives=99, skip=4, depth=8)
    assert [triple.neg for triple in triples] == ["d5", "d7", "d8"]


def test_ranks_are_those_of_the_scores_with_ties_by_docid_descending() -> None:
    hits = {"a": 1.0, "b": 1.0, "c": 1.0, "z": 9.0}
    triples = mine({"q": hits}, {"q": {"z": 1}}, negatives=9, depth=3)
    assert [triple.neg for triple in triples] == ["c", "b"]


def test_a_relevance_level_picks_positives_and_frees_no_negatives() -> None:
    grades = {"d1": 3, "d2": 1, "d3": 0}
    triples = mine({"q": HITS}, {"q": grades}, negatives=9, depth=4, relevance_level=2)
    assert triples == [Triple("q", "d1", "d3"), Triple("q", "d1", "d4")]


def test_the_report_counts_what_was_dropped_and_why() -> None:
    report = MiningReport()
    run: Run = {"good": HITS, "only": {"p": 1.0}, "empty": {}, "zero": HITS}
    qrels = {
        "good": {"d1": 1},
        "zero": {"d1": 0},
        "absent": {"d1": 1},
        "empty": {"d1": 1},
        "only": {"p": 1},
    }
    triples = mine(run, qrels, report)
    assert {triple.qid for triple in triples} == {"good"}
    assert report == MiningReport(
        queries=5,
        triples=3,
        without_positive=1,
        not_in_run=2,
        without_negative=1,
        distinct_positives=1,
        distinct_negatives=3,
        judged_relevant=2,
        first_dropped={
            "without_positive": "zero",
            "without_negative": "only",
            "not_in_run": "absent",
        },
    )


def test_hits_with_the_text_of_a_positive_are_left_out_before_the_draw() -> None:
    texts = {docid: f"text of {docid}" for docid in HITS}
    texts |= {"d4": "Text  of D2", "d7": "text of\nd2 ", "p": "text of d9"}
    qrels = {"q": {"d2": 1, "p": 1}}
    report = MiningReport()
    triples = mine(
        {"q": HITS}, qrels, report, keys=passage_keys(texts), depth=10, negatives=6
    )
    expected = ["d1", "d3", "d5", "d6", "d8", "d10"]
    assert [triple.neg for triple in triples if triple.pos == "p"] == expected
    assert (report.judged_relevant, report.same_text) == (1, 3)
    unchecked = MiningReport()
    mine({"q": HITS}, qrels, unchecked)
    assert unchecked.same_text is None


def test_a_query_all_of_whose_hits_repeat_its_positive_is_dropped() -> None:
    report = MiningReport()
    keys = passage_keys({"a": "same", "b": "Same", "c": "other"})
    run = {"1": {"a": 2.0, "b": 1.0}, "2": {"a": 2.0, "c": 1.0}}
    triples = mine(run, {"1": {"a": 1}, "2": {"a": 1}}, report, keys=keys)
    assert triples == [Triple("2", "a", "c")]
    assert (report.without_negative, report.same_text) == (1, 1)
    assert report.first_dropped == {"without_negative": "1"}


@pytest.mark.parametrize("lacking", ["d2", "d3"])
def test_a_passage_that_the_collection_lacks_is_named(lacking: str) -> None:
    keys = passage_keys({docid: docid for docid in HITS if docid != lacking})
    with pytest.raises(UnknownPassage, match=f"unknown docid '{lacking}'"):
        mine({"q": HITS}, {"q": {"d2": 1}}, keys=keys)


def test_queries_without_a_text_are_dropped() -> None:
    report = MiningReport()
    qrels = {qid: {"d1": 1} for qid in ("1", "2")}
    run: Run = {"1": HITS, "2": HITS}
    triples = mine_triples(
        run.items(), qrels, MiningConfig(), topics={"2": "text"}, report=report
    )
    assert {triple.qid for triple in triples} == {"2"}
    assert (report.queries, report.not_in_topics, report.not_in_run) == (2, 1, 0)


def test_nothing_mined_is_an_error_that_says_why() -> None:
    with pytest.raises(TasbError, match="no triples from 1 queries: 0 without a p"):
        mine({"other": HITS}, {"q": {"d1": 1}})


docids = st.sampled_from([f"d{number}" for number in range(12)])
hits_of = st.dictionaries(docids, st.integers(0, 5).map(float), min_size=6)
grades_of = st.dictionaries(docids, st.integers(-1, 2), min_size=1)


@given(
    run=st.dictionaries(st.sampled_from("qrs"), hits_of, min_size=2),
    qrels=st.dictionaries(st.sampled_from("qrt"), grades_of, min_size=2),
    negatives=st.integers(1, 5),
    depth=st.integers(6, 12),
    skip=st.integers(0, 2),
)
def test_every_triple_is_sound_and_every_query_is_accounted_for(
    run: Run, qrels: Qrels, negatives: int, depth: int, skip: int
) -> None:
    report = MiningReport()
    try:
        triples = mine(run, qrels, report, negatives=negatives, depth=depth, skip=skip)
    except TasbError:
        triples = []
    for triple in triples:
        ranks = [docid for docid, _ in ranked(run[triple.qid])]
        assert qrels[triple.qid][triple.pos] >= 1
        assert qrels[triple.qid].get(triple.neg, 0) < 1
        assert skip <= ranks.index(triple.neg) < depth
    assert len(set(triples)) == len(triples) == report.triples
    dropped = report.without_positive + report.not_in_run + report.without_negative
    assert report.queries == len(qrels)
    assert len({triple.qid for triple in triples}) + dropped == len(qrels)
