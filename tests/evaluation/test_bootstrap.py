import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

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


@pytest.mark.parametrize("queries", [2, 7, 43, 300])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_ends_are_those_of_scipy(queries: int, confidence: float) -> None:
    draw = np.random.default_rng(queries)
    skewed = np.sort(draw.exponential(0.2, queries) - 0.15)
    tied = np.sort(draw.choice([-0.5, 0.0, 0.0, 0.5, 1.0], queries))
    tied[0] = -0.75  # not all are equal
    for row in (skewed, tied):
        side = 1 if row.tolist() >= np.sort(-row).tolist() else -1
        theirs = stats.bootstrap(
            (np.sort(side * row),),
            np.mean,
            n_resamples=999,
            confidence_level=confidence,
            method="BCa",
            rng=np.random.default_rng(3),
        ).confidence_interval
        ends = sorted([side * theirs.low, side * theirs.high])
        found = confidence_interval(row, confidence=confidence, resamples=999, seed=3)
        assert found == pytest.approx(ends, rel=1e-12, abs=1e-15)


def test_many_queries_take_no_time_of_their_square() -> None:
    """Leaving out each of them in turn would read 250,000,000,000 values."""
    row = np.sort(np.random.default_rng(1).normal(0.1, 0.3, 500_000))
    low, high = confidence_interval(row, resamples=100)
    error = 0.3 / math.sqrt(len(row))
    middle = float(row.mean())
    assert low == pytest.approx(middle - 1.96 * error, abs=error)
    assert high == pytest.approx(middle + 1.96 * error, abs=error)


def test_draws_on_one_side_give_no_ends() -> None:
    ends = confidence_interval(np.array([0.0, 0.0, 1.0]), resamples=2, seed=4)
    assert all(map(math.isnan, ends))


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
