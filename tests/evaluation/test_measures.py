import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.evaluation.measures import (
    Coverage,
    Measure,
    describe_coverage,
    evaluate,
    mean,
    query_mean,
)
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.formats.runs import ranked
from tests.conftest import Collections


def measure_all(run: Run, qrels: Qrels, *names: str, level: int = 1) -> list[float]:
    """Return the measures of the only judged query."""
    measures = [Measure.parse(name) for name in names]
    values = evaluate(run, qrels, measures, relevance_level=level)
    return [values[measure]["q"] for measure in measures]


# --- values by hand --------------------------------------------------------------

RUN = {"q": {"a": 5.0, "b": 4.0, "c": 3.0, "d": 2.0, "e": 1.0}}
GRADED = {"q": {"a": 0, "b": 1, "d": 3, "x": 2}}


def test_values_by_hand() -> None:
    # Gains by rank: 0 1 0 3 0; ideal: 3 2 1. Relevant: b at 2, d at 4, x nowhere.
    dcg = 1 / math.log2(3) + 3 / math.log2(5)
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    found = measure_all(RUN, GRADED, "nDCG", "RR", "AP", "R@5", "P@5")
    assert found == pytest.approx(
        [dcg / ideal, 1 / 2, (1 / 2 + 2 / 4) / 3, 2 / 3, 2 / 5], abs=1e-12
    )


def test_values_with_cutoffs_by_hand() -> None:
    # At 2: gains 0 1 of ideally 3 2; at 1: nothing found.
    ideal = 3 / math.log2(2) + 2 / math.log2(3)
    names = ("nDCG@2", "RR@2", "RR@1", "AP@2", "R@2", "P@2", "nDCG@1", "R@1000")
    expected = [1 / math.log2(3) / ideal, 1 / 2, 0, 1 / 2 / 3, 1 / 3, 1 / 2, 0, 2 / 3]
    assert measure_all(RUN, GRADED, *names) == pytest.approx(expected, abs=1e-12)


def test_a_relevance_level_moves_binary_measures_alone() -> None:
    # From grade 2 on: d at 4 and x nowhere.
    names = ("RR", "RR@3", "AP", "R@5", "P@4", "nDCG@5")
    found = measure_all(RUN, GRADED, *names, level=2)
    assert found[:5] == pytest.approx([1 / 4, 0, 1 / 4 / 2, 1 / 2, 1 / 4], abs=1e-12)
    assert found[5] == measure_all(RUN, GRADED, "nDCG@5")[0]


def test_ties_are_broken_by_docid_descending() -> None:
    tied = {"q": {"a": 1.0, "b": 1.0, "c": 1.0}}
    assert measure_all(tied, {"q": {"a": 1}}, "RR", "RR@2") == [1 / 3, 0.0]
    assert measure_all(tied, {"q": {"c": 1}}, "RR", "RR@2") == [1.0, 1.0]


def test_judged_queries_without_results_or_relevant_passages_count_zero() -> None:
    qrels = {"q": {"a": 1}, "missing": {"a": 1}, "empty": {"a": 1}, "none": {"a": 0}}
    run: Run = {"q": {"a": 1.0}, "empty": {}, "none": {"a": 1.0}, "other": {"a": 1.0}}
    measures = [Measure.parse(name) for name in ("nDCG@10", "RR@10", "AP", "R@10")]
    for values in evaluate(run, qrels, measures).values():
        assert values == {"q": 1.0, "missing": 0.0, "empty": 0.0, "none": 0.0}


def test_a_run_without_any_judged_query_scores_zero() -> None:
    assert measure_all({}, {"q": {"a": 1}}, "nDCG@10", "RR") == [0.0, 0.0]


def test_negative_grades_count_as_not_relevant() -> None:
    run = {"q": {"spam": 2.0, "a": 1.0}}
    assert measure_all(run, {"q": {"spam": -2, "a": 1}}, "RR", "AP") == [0.5, 0.5]
    assert measure_all(run, {"q": {"spam": -2, "a": -1}}, "nDCG@5", "P@1") == [0, 0]


def test_a_relevance_level_below_one_is_refused() -> None:
    with pytest.raises(TasbError, match="relevance level 0: expected at least 1"):
        evaluate(RUN, GRADED, [Measure("RR")], relevance_level=0)


def test_asking_twice_gives_the_same() -> None:
    measures = [Measure("AP"), Measure("AP", 2), Measure("nDCG"), Measure("nDCG", 3)]
    first = evaluate(RUN, GRADED, measures)
    assert evaluate(RUN, GRADED, measures) == first
    assert list(evaluate(RUN, GRADED, [*measures, Measure("AP")])) == measures


# --- against a slow implementation -----------------------------------------------


def single(score: float) -> float:
    value: float = struct.unpack("f", struct.pack("f", score))[0]
    return value


def slow_value(
    measure: str, k: int, hits: dict[str, float], grades: dict[str, int], level: int
) -> float:
    """Compute a measure from its definition, on a list sorted step by step."""
    docids = sorted(hits, key=lambda docid: docid.encode(), reverse=True)
    docids.sort(key=lambda docid: single(hits[docid]), reverse=True)
    top = docids[:k]
    relevant = {docid for docid, grade in grades.items() if grade >= level}
    at = [rank for rank, docid in enumerate(top, start=1) if docid in relevant]
    if measure == "RR":
        return 1 / at[0] if at else 0.0
    if measure == "P":
        return len(at) / k
    if measure == "R":
        return len(at) / len(relevant) if relevant else 0.0
    if measure == "AP":
        precisions = [found / rank for found, rank in enumerate(at, start=1)]
        return sum(precisions) / len(relevant) if relevant else 0.0
    gains = [max(grades.get(docid, 0), 0) for docid in top]
    best = sorted((max(grade, 0) for grade in grades.values()), reverse=True)[:k]
    dcg, ideal = (
        sum(gain / math.log2(rank + 1) for rank, gain in enumerate(row, start=1))
        for row in (gains, best)
    )
    return dcg / ideal if ideal else 0.0


docids = st.sampled_from([f"d{number}" for number in range(14)])
some_scores = st.sampled_from([0.0, 1.0, 1.0 + 2**-25, 2.5, -3.0])
some_grades = st.dictionaries(docids, st.integers(-1, 3), min_size=1)


@given(
    run=st.dictionaries(
        st.sampled_from("qrs"), st.dictionaries(docids, some_scores), max_size=3
    ),
    qrels=st.dictionaries(st.sampled_from("qrt"), some_grades, min_size=1),
    k=st.integers(1, 16),
    level=st.integers(1, 3),
)
def test_values_agree_with_a_slow_implementation(
    run: Run, qrels: Qrels, k: int, level: int
) -> None:
    names = ["nDCG", "RR", "AP", "R", "P"]
    measures = [Measure(name, k) for name in names]
    values = evaluate(run, qrels, measures, relevance_level=level)
    for measure in measures:
        assert values[measure] == pytest.approx(
            {
                qid: slow_value(measure.name, k, run.get(qid, {}), grades, level)
                for qid, grades in qrels.items()
            },
            abs=1e-9,
        )


@given(hits=st.dictionaries(docids, some_scores, min_size=1), k=st.integers(1, 60))
def test_rr_at_k_is_rr_of_the_run_cut_at_k(hits: dict[str, float], k: int) -> None:
    for docid in hits:
        qrels = {"q": {docid: 1}}
        cut = {"q": dict(ranked(hits)[:k])}
        assert measure_all({"q": hits}, qrels, f"RR@{k}") == measure_all(
            cut, qrels, "RR"
        )


@pytest.mark.parametrize("rank", [1, 3, 10, 49, 98, 103, 1000])
def test_rr_at_k_finds_a_passage_at_rank_k_exactly(rank: int) -> None:
    run = {"q": {f"d{number}": -float(number) for number in range(1, 1001)}}
    qrels = {"q": {f"d{rank}": 1}}
    found = measure_all(run, qrels, f"RR@{rank}", f"RR@{rank + 1}")
    assert found == [1 / rank, 1 / rank]
    if rank > 1:
        assert measure_all(run, qrels, f"RR@{rank - 1}") == [0.0]


def test_an_ideal_ranking_of_official_qrels_scores_one(
    collections: Collections,
) -> None:
    folder = collections("msmarco-topics-qrels")
    qrels = read_qrels(folder / "qrels.dl20-passage.txt")
    run = {
        qid: {docid: float(grade) for docid, grade in grades.items()}
        for qid, grades in qrels.items()
    }
    measures = [Measure.parse(name) for name in ("nDCG@10", "RR@10", "AP")]
    values = evaluate(run, qrels, measures)
    assert [len(of) for of in values.values()] == [54, 54, 54]
    assert [mean(of.values()) for of in values.values()] == pytest.approx([1, 1, 1])


# --- means and coverage ----------------------------------------------------------


def test_a_mean_is_rounded_once() -> None:
    assert mean([0.1] * 10) == 0.1
    assert mean({"a": 1.0, "b": 0.0}.values()) == 0.5
    assert mean([]) == 0.0


@given(values=st.lists(st.floats(0, 1), min_size=2))
def test_a_mean_does_not_depend_on_order(values: list[float]) -> None:
    assert mean(values) == mean(sorted(values)) == mean(values[::-1])


def test_a_mean_of_queries_is_added_up_by_ascending_qid() -> None:
    # Of twentieths. In this order the sum is below 67 / 20 and trec_eval prints .4187;
    # the other way round, or rounded once, it would print .4188.
    found = dict(
        zip("19Aaz\u00e9\u4e00\U0001f600", [4, 20, 6, 12, 10, 3, 6, 6], strict=True)
    )
    values = {qid: number / 20 for qid, number in found.items()}
    assert f"{query_mean(values):.4f}" == "0.4187"
    assert query_mean(dict(reversed(values.items()))) == query_mean(values)
    assert f"{mean(values.values()):.4f}" == "0.4188"
    assert query_mean({}) == 0


def test_coverage_counts_the_queries_without_results() -> None:
    run: Run = {"1": {"a": 1.0}, "2": {}, "9": {"a": 1.0}, "8": {"a": 1.0}}
    qrels = {"1": {"a": 1}, "2": {"a": 1}, "3": {"a": 1}}
    assert describe_coverage(run, qrels) == Coverage(3, 2)


def test_qrels_of_other_queries_are_refused_with_the_first_of_both() -> None:
    with pytest.raises(TasbError) as caught:
        describe_coverage(
            {"PLAIN-2": {"a": 1.0}},
            {"19335": {"a": 1}},
            run_name="run.txt",
            qrels_name="qrels.txt",
        )
    assert str(caught.value) == (
        "run.txt: no query is judged in qrels.txt (the first are 'PLAIN-2' and "
        "'19335'); expected the same queries; give the qrels of its topics"
    )


@pytest.mark.parametrize("run", [{}, {"1": {}}])
def test_a_run_without_hits_is_refused_as_that(run: Run) -> None:
    with pytest.raises(TasbError) as caught:
        describe_coverage(run, {"1": {"a": 1}}, run_name="run.txt")
    said = "run.txt: no hits; expected a run in the format of TREC"
    assert str(caught.value) == said
