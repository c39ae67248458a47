import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.best_first import best_first, in_single
from tasb_pyserini.formats.runs import ranked
from tests.formats.strategies import ids

CLOSE = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 1.0 + 2**-24, 1.0 + 2**-23, 100.0, 100.000002]),
    st.floats(-200, 200),
)


@given(
    scores=st.dictionaries(ids, CLOSE, max_size=12),
    k=st.one_of(st.none(), st.integers(1, 14)),
)
def test_the_order_is_that_of_ranked(scores: dict[str, float], k: int | None) -> None:
    docids = list(scores)
    places = best_first(
        in_single(np.array(list(scores.values()))),
        lambda at: [docids[place] for place in at],
        k,
    )
    assert [docids[place] for place in places] == [d for d, _ in ranked(scores)][:k]


def test_docids_are_asked_for_in_ties_only() -> None:
    def docids_at(places: object) -> list[str]:
        pytest.fail(f"asked for {places}")

    assert best_first(np.array([1, 3, 2]), docids_at).tolist() == [1, 2, 0]
    assert best_first(np.array([1, 3, 2, 1]), docids_at, k=2).tolist() == [1, 2]


def test_what_exceeds_single_precision_becomes_infinite() -> None:
    assert in_single(np.array([1e39, -1e39])).tolist() == [np.inf, -np.inf]
