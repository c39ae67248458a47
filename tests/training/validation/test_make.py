"""A validation set is the baseline's best and what it missed."""

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.training.validation.candidates import Validation
from tasb_pyserini.training.validation.make import (
    ValidationConfig,
    find_usable,
    make_validation,
)

TOPICS = {
    "1": "first",
    "2": "missed",
    "3": "second place",
    "4": "no hits",
    "5": "no positive",
    "6": "not judged",
}
RUN: Run = {
    "1": {"b": 1.0, "a": 3.0, "c": 2.0},
    "2": {"a": 3.0, "b": 2.0, "c": 1.0},
    "3": {"a": 2.0, "b": 1.0, "z": 1.0},
    "5": {"a": 1.0},
    "6": {"a": 1.0},
    "99": {"a": 1.0},
}
QRELS: Qrels = {
    "3": {"z": 1, "a": 0, "q": -1},
    "2": {"x": 1, "c": 2, "y": 1},
    "1": {"a": 1},
    "4": {"a": 1},
    "5": {"a": 0},
}


def made(depth: int, queries: int = 10) -> Validation:
    config = ValidationConfig(depth=depth, queries=queries)
    usable = find_usable(RUN, QRELS, TOPICS)
    return make_validation(RUN, QRELS, TOPICS, usable, config)


def test_candidates_are_the_best_of_the_run_and_the_positives_it_missed() -> None:
    validation = made(depth=2)
    # Query 3: b and z are tied, and trec_eval puts z first. In 2 c came third.
    assert validation.candidates == {
        "1": ["a", "c"],
        "2": ["a", "b", "x", "c", "y"],
        "3": ["a", "z"],
    }
    assert validation.topics == {qid: TOPICS[qid] for qid in "123"}
    assert validation.qrels == {qid: QRELS[qid] for qid in "123"}
    assert validation.about["positives_added"] == 3
    dropped = validation.about["dropped"]
    assert dropped == {"without_positive": 2, "without_hits": 1, "in_test_sets": 0}


def test_the_baseline_and_the_bins_are_measured_on_what_it_found() -> None:
    about = made(depth=2).about
    # nDCG@10: 1 has its positive first, 2 none of three, 3 at rank 2: 1 / log2(3).
    assert about["baseline"] == pytest.approx((1 + 0 + 0.6309298) / 3, abs=1e-6)
    counts = [(group["queries"], group["taken"]) for group in about["bins"]]
    assert counts == [(1, 1), (0, 0), (0, 0), (1, 1), (1, 1)]
    assert [group["from"] for group in about["bins"]] == pytest.approx(
        [0, 0.2, 0.4, 0.6, 0.8]
    )


def test_no_more_queries_are_taken_than_asked_for() -> None:
    validation = made(depth=3, queries=1)
    assert list(validation.topics) == ["2"]  # the lowest bin comes first
    assert validation.about["baseline"] == pytest.approx(
        # c, of grade 2, at rank 3; ideal: grades 2, 1, 1 at ranks 1, 2, 3.
        (2 / 2) / (2 + 1 / 1.5849625 + 1 / 2),
        abs=1e-6,
    )


def test_nothing_to_validate_on_is_refused() -> None:
    with pytest.raises(
        TasbError, match="of 2, 1 are without hits, 1 without a positive"
    ):
        find_usable(RUN, QRELS, {"4": "no hits", "5": "no positive"})
    with pytest.raises(TasbError, match="depth 0: expected at least 1"):
        ValidationConfig(depth=0)
