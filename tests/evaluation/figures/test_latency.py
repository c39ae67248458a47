"""The front is what no other system beats."""

from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.evaluation.figures.latency import (
    Point,
    latency_table,
    pareto_front,
)

# Low-latency systems of the paper's Table 7, TREC-DL'20 nDCG@10.
BM25 = Point("BM25", 55, 0.475)
DOCT5 = Point("docT5query", 64, 0.619)
TASB = Point("TAS-B", 64, 0.692)
BOTH = Point("TAS-B + docT5query", 67, 0.708)
DUO = Point("BM25 duo-T5", 388, 0.544)


def test_the_front_of_the_papers_fast_systems() -> None:
    # docT5query takes TAS-B's time and is worse; duo-T5 on BM25 is slower and worse.
    assert pareto_front([DUO, BOTH, DOCT5, TASB, BM25]) == [BM25, TASB, BOTH]


def test_equal_points_are_both_on_the_front_and_equal_quality_is_not() -> None:
    twin = Point("twin", 64, 0.692)
    slower = Point("slower", 65, 0.692)
    assert pareto_front([TASB, slower, twin]) == [TASB, twin]


def test_the_table_keeps_the_order_and_marks_the_front() -> None:
    assert latency_table([DUO, BM25], "nDCG@10") == [
        ["system", "ms_per_query", "nDCG@10", "pareto"],
        ["BM25 duo-T5", 388, 0.544, "yes"],
        ["BM25", 55, 0.475, "yes"],
    ]
    assert latency_table([DUO, BOTH], "RR")[1][-1] == "no"


grid = st.tuples(st.integers(1, 5), st.integers(0, 5))


@given(places=st.lists(grid, min_size=1))
def test_a_point_is_on_the_front_if_no_other_beats_it(
    places: list[tuple[int, int]],
) -> None:
    points = [Point(str(n), ms, value) for n, (ms, value) in enumerate(places)]
    unbeaten = {
        p.system
        for p in points
        if not any(
            q.ms_per_query <= p.ms_per_query
            and q.value >= p.value
            and (q.ms_per_query, q.value) != (p.ms_per_query, p.value)
            for q in points
        )
    }
    assert {point.system for point in pareto_front(points)} == unbeaten
