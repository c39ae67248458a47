"""Queries stand from the biggest win to the biggest loss."""

import pytest

from tasb_pyserini.evaluation.figures.difference import (
    QueryDifference,
    difference_table,
    extremes,
    query_differences,
)
from tasb_pyserini.formats.errors import TasbError

BASELINE = {"a": 0.5, "b": 0.25, "c": 1.0, "d": 0.3, "e": 0.0}
RUN = {"e": 0.5, "d": 0.1 + 0.2, "c": 0.0, "b": 0.75, "a": 0.25}


def test_queries_are_sorted_by_difference_then_qid() -> None:
    assert query_differences(BASELINE, RUN) == [
        QueryDifference("b", 0.25, 0.75, 0.5),
        QueryDifference("e", 0.0, 0.5, 0.5),
        QueryDifference("d", 0.3, 0.1 + 0.2, 0.0),  # rounding alone parts them
        QueryDifference("a", 0.5, 0.25, -0.25),
        QueryDifference("c", 1.0, 0.0, -1.0),
    ]


def test_the_biggest_of_each_kind_are_found_from_both_ends() -> None:
    queries = query_differences(BASELINE, RUN)
    assert extremes(queries) == ([0, 1], [4, 3])
    assert extremes(queries, 1) == ([0], [4])
    assert extremes(query_differences(RUN, RUN)) == ([], [])


def test_the_table_names_the_runs() -> None:
    queries = query_differences({"q": 0.25}, {"q": 1.0})
    assert difference_table(queries, "bm25", "tasb") == [
        ["qid", "bm25", "tasb", "difference"],
        ["q", 0.25, 1.0, 0.75],
    ]


def test_values_of_other_queries_are_refused() -> None:
    with pytest.raises(TasbError, match="query b: in one of two runs"):
        query_differences({"a": 0.0}, {"a": 0.0, "b": 0.0})
