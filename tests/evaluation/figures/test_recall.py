"""Recall at cutoffs is the share of relevant hits among the first k, by hand."""

import pytest

from tasb_pyserini.evaluation.figures.recall import recall_curves
from tasb_pyserini.formats.errors import TasbError

# Relevant: a b c d of query 1 (c and d with grade 2), a of query 2, none of query 3.
QRELS = {
    "1": {"a": 1, "b": 1, "c": 2, "d": 2, "x": 0},
    "2": {"a": 2},
    "3": {"a": 0},
    "4": {"a": 1},
}
RUN = {
    "1": {"a": 9.0, "x": 8.0, "c": 7.0, "b": 6.0},
    "2": {"x": 9.0, "a": 8.0},
    "3": {"a": 1.0},
    "99": {"a": 1.0},
}


def test_recall_is_the_mean_over_judged_queries() -> None:
    curves = recall_curves({"one": RUN}, QRELS, cutoffs=[4, 1, 2, 3])
    assert curves.cutoffs == (1, 2, 3, 4)
    # Query 1: 1 of 4, 1, 2, 3; query 2: 0, 1, 1, 1; queries 3 and 4: 0.
    expected = [(s + t) / 4 for s, t in ((0.25, 0), (0.25, 1), (0.5, 1), (0.75, 1))]
    assert curves.recall == {"one": expected}
    assert curves.queries == 4


def test_a_higher_level_leaves_fewer_relevant() -> None:
    curves = recall_curves({"one": RUN}, QRELS, cutoffs=[1, 3], relevance_level=2)
    # Query 1: 0 and 1 of c, d; query 2: 0 and 1.
    assert curves.recall["one"] == [0.0, (0.5 + 1) / 4]


def test_the_table_has_a_row_a_cutoff_and_a_column_a_run() -> None:
    runs = {"one": RUN, "none": {"1": {"x": 1.0}}}
    assert recall_curves(runs, QRELS, cutoffs=[2, 1]).table() == [
        ["cutoff", "one", "none"],
        [1, 0.0625, 0.0],
        [2, 0.3125, 0.0],
    ]


def test_a_cutoff_below_one_is_refused() -> None:
    with pytest.raises(TasbError, match="expected a cutoff of at least 1"):
        recall_curves({"one": RUN}, QRELS, cutoffs=[0, 1])
