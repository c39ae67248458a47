import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS
from tests.search.fusion.slow import normalised

SCORES = st.lists(
    st.one_of(st.floats(-1e6, 1e6, width=32), st.sampled_from([0.0, -1.0, 90.0])),
    min_size=1,
    max_size=20,
)


@pytest.mark.parametrize("name", NORMALISATIONS)
@given(scores=SCORES)
def test_each_agrees_with_its_formula_and_keeps_the_order(
    name: str, scores: list[float]
) -> None:
    result = NORMALISATIONS[name](np.array(scores)).tolist()
    assert all(map(math.isfinite, result))
    places = np.argsort(scores, kind="stable")
    assert (np.diff(np.array(result)[places]) >= 0).all()
    spread = max(scores) - min(scores)
    if spread == 0 or spread > 1e-3 * max(map(abs, scores)):
        expected = normalised({f"{n}": s for n, s in enumerate(scores)}, name)
        assert result == pytest.approx(list(expected.values()), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "constant"),
    [("min-max", 1.0), ("centred", 0.0), ("z-score", 0.0), ("max", -1.0), ("none", -7)],
)
@pytest.mark.parametrize("hits", [1, 3])
def test_equal_scores_get_a_stated_constant(
    name: str, constant: float, hits: int
) -> None:
    result = NORMALISATIONS[name](np.full(hits, -7.0))
    assert result.tolist() == [constant] * hits
