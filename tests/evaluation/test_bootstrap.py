import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.evaluation.bootstrap import confidence_interval

rows = st.lists(
    st.sampled_from([-1.0, -0.5, 0.0, 0.0, 0.25, 1.0]) | st.floats(-1, 1),
    min_size=2,
    max_size=20,
)


def test_two_queries_by_hand() -> None:
    """Means of draws: 0 once in four, 0.5 twice, 1 once."""
    apart = np.array([0.0, 1.0])
    assert confidence_interval(apart, confidence=0.95) == (0.0, 1.0)
    assert confidence_interval(apart, confidence=0.4) == (0.5, 0.5)


def test_without_skew_the_interval_is_that_of_the_normal_distribution() -> None:
    normal = statistics.NormalDist(0.1, 0.3)
    row = [normal.inv_cdf((place + 0.5) / 400) for place in range(400)]
    error = statistics.stdev(row) / math.sqrt(400)
    found = confidence_interval(np.array(row))
    assert found == pytest.approx((0.1 - 1.96 * error, 0.1 + 1.96 * error), abs=2e-3)


def test_a_skewed_interval_reaches_further_on_the_long_side() -> None:
    row = np.array([0.0] * 28 + [0.5, 1.0])
    low, high = confidence_interval(row)
    assert 0 <= low < 0.05 < high
    assert high - 0.05 > 1.5 * (0.05 - low)


@settings(max_examples=40)
@given(row=rows)
def test_swapped_runs_give_the_mirror_image(row: list[float]) -> None:
    low, high = confidence_interval(np.sort(row), resamples=200)
    assert confidence_interval(np.sort(-np.array(row)), resamples=200) == (-high, -low)
    # A mean of equal values can be off by a rounding.
    assert min(row) - 1e-12 <= low <= high <= max(row) + 1e-12


def test_a_seed_gives_the_same_interval_again() -> None:
    row = np.sort(np.random.default_rng(5).normal(0, 0.2, 50))
    assert confidence_interval(row, seed=1) == confidence_interval(row, seed=1)
    assert confidence_interval(row, seed=1) != confidence_interval(row, seed=2)


def test_draws_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    row = np.sort(np.random.default_rng(5).normal(0, 0.2, 50))
    whole = confidence_interval(row)
    monkeypatch.setattr("tasb_pyserini.evaluation.bootstrap.CELLS", 10_000)
    assert confidence_interval(row) == whole


def test_equal_differences_leave_no_room() -> None:
    assert confidence_interval(np.array([0.0, 0.0, 0.0])) == (0.0, 0.0)
    assert confidence_interval(np.array([-0.5, -0.5])) == (-0.5, -0.5)
