from hypothesis import given

from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.pairs.store import pairs_of
from tasb_pyserini.training.pairs.summary import SHARES, summarise
from tests.training.pairs.rows import scored_rows, slow_order


def test_what_pairs_hold_is_counted() -> None:
    rows = [
        ScoredTriple("one", "p", "a", 1.0, 2.0),
        ScoredTriple("same", "p", "a", 3.0, 1.0),
        ScoredTriple("same", "p", "b", 4.0, 2.0),
        *(ScoredTriple("many", "p", f"n{n}", float(n), 0.0) for n in range(5)),
    ]
    summary = summarise(pairs_of(rows))
    assert (summary.queries, summary.pairs, summary.passages) == (3, 8, 8)
    assert summary.pairs_per_query == {"min": 1, "median": 2.0, "max": 5}
    assert (summary.one_pair, summary.equal_margins) == (1, 1)
    assert summary.negative == 1 / 8
    # -1 0 1 2 2 2 3 4, ranks from 0: 25 % of 7 is 1, 50 % is 3, 75 % is 5.
    assert [summary.margins[share] for share in (0, 25, 50, 75, 100)] == [
        -1,
        0,
        2,
        2,
        4,
    ]


def test_pairs_without_scores_have_no_margins() -> None:
    summary = summarise(pairs_of([Triple("q", "p", "a"), Triple("q", "p", "b")]))
    assert (summary.pairs, summary.one_pair) == (2, 0)
    assert (summary.margins, summary.negative, summary.equal_margins) == ({}, None, 0)


@given(rows=scored_rows)
def test_percentiles_are_margins_at_the_nearest_rank_below(
    rows: list[ScoredTriple],
) -> None:
    summary = summarise(pairs_of(rows))
    margins = sorted(row[3] - row[4] for row in slow_order(rows))
    last = len(margins) - 1
    assert summary.margins == {p: margins[p * last // 100] for p in SHARES}
    assert summary.negative == sum(m < 0 for m in margins) / len(margins)
