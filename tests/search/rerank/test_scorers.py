from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.missing import Done
from tasb_pyserini.search.rerank.candidates import Candidates
from tasb_pyserini.search.rerank.scorers import (
    PairScorer,
    Scorer,
    count_inputs,
    ignore,
    score_candidates,
    sum_preferences,
)
from tests.search.rerank.stages import rerank


class Table:
    """Preferences from a table, and what it was asked."""

    def __init__(self, table: dict[tuple[str, str], float]) -> None:
        self.table, self.asked = table, 0

    def prefer(
        self,
        queries: Sequence[str],
        firsts: Sequence[str],
        seconds: Sequence[str],
        done: Done = ignore,
    ) -> NDArray[np.float32]:
        self.asked += len(queries)
        done(len(queries))
        pairs = zip(firsts, seconds, strict=True)
        return np.array([self.table[pair] for pair in pairs], np.float32)


class Constant:
    def __init__(self, value: float) -> None:
        self.value = value

    def score(
        self, queries: Sequence[str], passages: Sequence[str], done: Done = ignore
    ) -> NDArray[np.float32]:
        return np.full(len(passages), self.value, np.float32)


THREE = {
    ("A", "B"): 0.9, ("B", "A"): 0.3,
    ("A", "C"): 0.2, ("C", "A"): 0.7,
    ("B", "C"): 0.6, ("C", "B"): 0.5,
}  # fmt: skip


def test_three_documents_by_hand() -> None:
    scores = sum_preferences(np.array([0.9, 0.2, 0.3, 0.6, 0.7, 0.5], np.float32))
    assert scores == pytest.approx(
        [
            0.9 + 0.2 + (1 - 0.3) + (1 - 0.7),
            0.3 + 0.6 + (1 - 0.9) + (1 - 0.5),
            0.7 + 0.5 + (1 - 0.2) + (1 - 0.6),
        ]
    )


def test_a_run_by_preferences_keeps_what_is_below() -> None:
    run = {"1": {"a": 9.0, "b": 8.0, "c": 7.0, "d": 6.0}, "2": {"a": 1.0}}
    topics = {"1": "x", "2": "y"}
    texts = {"a": "A", "b": "B", "c": "C"}
    table = Table(THREE)
    shown: list[int] = []
    found = rerank(run, topics, texts, table, 3, done=shown.append)
    assert list(found["1"]) == ["c", "a", "b", "d"]
    assert found["1"]["c"] == pytest.approx(2.4)
    assert found["1"]["d"] == pytest.approx(1.5 - 1)
    assert found["2"] == {"a": 0.0}
    assert table.asked == sum(shown) == 6


@given(st.integers(1, 8), st.data())
def test_sums_agree_with_the_double_loop(n: int, data: st.DataObject) -> None:
    numbers = st.floats(0, 1, width=32)
    flat = data.draw(st.lists(numbers, min_size=n * n - n, max_size=n * n - n))
    remaining = iter(flat)
    p = {(i, j): next(remaining) for i in range(n) for j in range(n) if i != j}
    expected = [
        sum(p[i, j] + (1 - p[j, i]) for j in range(n) if j != i) for i in range(n)
    ]
    assert sum_preferences(np.array(flat, np.float32)) == pytest.approx(
        expected, abs=1e-5
    )


def test_which_kind_a_scorer_is_shows_in_its_method() -> None:
    assert isinstance(Constant(1), Scorer)
    assert isinstance(Table({}), PairScorer)
    assert [count_inputs(Constant(1), n) for n in (0, 1, 50)] == [0, 1, 50]
    assert [count_inputs(Table({}), n) for n in (0, 1, 50)] == [0, 0, 2450]


def test_a_score_that_is_no_number_names_its_pair() -> None:
    lists = [Candidates("q", "x", ["a", "b"], ["A", "B"])]
    with pytest.raises(TasbError, match="score nan of docid a for query q; expected"):
        score_candidates(Constant(float("nan")), lists)


def test_no_candidates_give_no_scores() -> None:
    assert score_candidates(Table({}), []).shape == (0,)
    empty = [Candidates("q", "x", [], [])]
    assert score_candidates(Table({}), empty).shape == (0,)
