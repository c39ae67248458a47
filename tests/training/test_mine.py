import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run, Triple
from tasb_pyserini.formats.runs import ranked
from tasb_pyserini.training.mine import MiningReport, mine_triples

CHECKOUT = Path(__file__).parents[2]

HITS = {f"d{rank}": 100.0 - rank for rank in range(1, 21)}


def mine(
    run: Run,
    qrels: Qrels,
    report: MiningReport | None = None,
    /,
    *,
    negatives: int = 3,
    depth: int = 100,
    skip: int = 0,
    seed: int = 42,
    level: int = 1,
) -> list[Triple]:
    return list(
        mine_triples(
            run,
            qrels,
            negatives_per_query=negatives,
            depth=depth,
            skip=skip,
            seed=seed,
            relevance_level=level,
            report=report,
        )
    )


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
    triples = mine({"q": HITS}, {"q": grades}, negatives=9, depth=4, level=2)
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
        queries=5, triples=3, without_positive=1, not_in_run=2, without_negative=1
    )


def test_nothing_mined_is_an_error_that_says_why() -> None:
    with pytest.raises(TasbError, match="no triples from 1 judged queries: 0 without"):
        mine({"other": HITS}, {"q": {"d1": 1}})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"negatives": 0}, "negatives 0: expected at least 1"),
        ({"depth": 0}, "skip 0, depth 0: expected 0 ≤ skip < depth"),
        ({"skip": 100}, "skip 100, depth 100: expected 0 ≤ skip < depth"),
        ({"skip": -1}, "skip -1, depth 100: expected 0 ≤ skip < depth"),
        ({"seed": -1}, "seed -1: expected at least 0"),
        ({"level": 0}, "relevance level 0: expected at least 1"),
    ],
)
def test_arguments_out_of_range_are_refused(
    options: dict[str, int], message: str
) -> None:
    with pytest.raises(TasbError, match=message):
        mine({"q": HITS}, {"q": {"d1": 1}}, **options)


def test_a_query_draws_the_same_whatever_the_other_queries() -> None:
    run = {qid: HITS for qid in ("1", "2", "3")}
    qrels = {qid: {"d1": 1} for qid in run}
    together = mine(run, qrels)
    for qid in run:
        alone = mine({qid: HITS}, {qid: {"d1": 1}})
        assert alone == [triple for triple in together if triple.qid == qid]
    backwards = mine(run, dict(reversed(qrels.items())))
    assert set(backwards) == set(together)
    assert len({tuple(t.neg for t in together if t.qid == qid) for qid in run}) > 1


def test_the_seed_decides_what_is_drawn() -> None:
    qrels = {"q": {"d1": 1}}
    assert mine({"q": HITS}, qrels, seed=1) == mine({"q": HITS}, qrels, seed=1)
    assert len({tuple(mine({"q": HITS}, qrels, seed=seed)) for seed in range(9)}) > 3


def test_every_candidate_is_drawn_about_equally_often() -> None:
    qrels = {"q": {"d1": 1}}
    drawn = Counter(
        triple.neg
        for seed in range(2000)
        for triple in mine({"q": HITS}, qrels, negatives=3, seed=seed)
    )
    # 2000 draws of 3 from 19: 316 each, with a standard deviation below 17.
    assert set(drawn) == {f"d{rank}" for rank in range(2, 21)}
    assert all(abs(count - 2000 * 3 / 19) < 5 * 17 for count in drawn.values())


def test_the_draw_does_not_depend_on_the_hash_seed_of_python() -> None:
    code = """
from tasb_pyserini.training.mine import mine_triples
hits = {f"d{rank}": -float(rank) for rank in range(100)}
options = dict(negatives_per_query=5, depth=100, seed=42)
qrels = {"ä": {"d1": 1}, "2": {"d1": 1}}
print([t.neg for t in mine_triples({"ä": hits, "2": hits}, qrels, **options)])
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1")
    }
    assert len(outputs) == 1


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
