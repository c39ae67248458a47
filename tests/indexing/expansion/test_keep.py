import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.indexing.expansion.keep import keep_best

SCORES = st.lists(st.integers(-4, 4).map(float), max_size=30)


@given(SCORES, st.floats(0, 1))
def test_exactly_the_share_is_kept_best_first_and_first_of_equals_first(
    scores: list[float], share: float
) -> None:
    kept = keep_best(np.array(scores, np.float32), share)
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    assert np.flatnonzero(kept).tolist() == sorted(order[: round(share * len(scores))])
