import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.tuning.objective import Objective
from tasb_pyserini.search.tuning.sample import cut_folds, draw_sample, find_usable

QIDS = [f"{n}" for n in range(100)]


def test_a_sample_does_not_depend_on_the_order_of_the_queries() -> None:
    shuffled = random.Random(1).sample(QIDS, 100)
    drawn = draw_sample(shuffled, 20, seed=3)
    assert drawn == [qid for qid in shuffled if qid in drawn]
    assert len(drawn) == 20
    assert set(draw_sample(QIDS, 20, seed=3)) == set(drawn)
    assert set(draw_sample(QIDS, 20, seed=4)) != set(drawn)


@given(queries=st.integers(2, 40), folds=st.integers(2, 10), seed=st.integers(0, 99))
def test_folds_part_the_queries_evenly(queries: int, folds: int, seed: int) -> None:
    qids = QIDS[:queries]
    if folds > queries:
        with pytest.raises(TasbError, match=f"{folds} folds of {queries} queries"):
            cut_folds(qids, folds, seed)
        return
    parts = cut_folds(qids, folds, seed)
    assert sorted(qid for part in parts for qid in part) == sorted(qids)
    assert {len(part) for part in parts} <= {queries // folds, -(-queries // folds)}


def test_queries_without_a_relevant_passage_are_left_out() -> None:
    qrels = {"1": {"a": 0}, "2": {"a": 1}, "3": {"a": 2}, "4": {"a": 2}}
    binary = Objective(measure=Measure("RR", 10), relevance_level=2)
    assert find_usable(["3", "1", "2", "9"], qrels, binary) == ["3"]
    graded = Objective(measure=Measure("nDCG", 10), relevance_level=2)
    assert find_usable(["3", "1", "2", "9"], qrels, graded) == ["3", "2"]


def test_qrels_of_other_queries_and_without_relevance_are_told_apart() -> None:
    objective = Objective(measure=Measure("RR", 10))
    with pytest.raises(
        TasbError, match=r"x: no judgment of any of the 1 queries \(the"
    ):
        find_usable(["1"], {"q1": {"a": 1}}, objective, name="x")
    with pytest.raises(TasbError, match="x: no relevant passage for any of the 1 judg"):
        find_usable(["1"], {"1": {"a": 0}}, objective, name="x")
