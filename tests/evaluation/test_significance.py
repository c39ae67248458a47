import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tasb_pyserini.evaluation.paired import Differences, differences
from tasb_pyserini.evaluation.significance import Outcome, randomisation_test, t_test
from tasb_pyserini.formats.errors import TasbError
from tests.evaluation.sleep import DRUG_1, DRUG_2

# Crossed less self-fertilised maize in eighths of an inch (Darwin, 1876).
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]

Test = Callable[[Differences], Outcome]

values = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1))
    | st.tuples(st.integers(0, 4), st.integers(0, 4)).map(
        lambda pair: (pair[0] / 4, pair[1] / 4)
    ),
    min_size=2,
    max_size=12,
)


def named(row: list[float]) -> dict[str, float]:
    return {f"q{number}": value for number, value in enumerate(row)}


def array(row: list[int] | list[float]) -> Differences:
    return np.sort(np.array(row, dtype=float))


def slow_p(row: list[float]) -> float:
    """Try every swap, in exact arithmetic."""
    exact = [Fraction(value) for value in row]
    sums = [Fraction(0)]
    for value in exact:
        sums = [total + sign * value for total in sums for sign in (1, -1)]
    observed = abs(sum(exact, start=Fraction(0)))
    return [abs(total) >= observed for total in sums].count(True) / len(sums)


# --- Student's t -----------------------------------------------------------------


def test_t_of_students_own_example_as_published() -> None:
    found = t_test(differences(named(DRUG_1), named(DRUG_2)))
    assert found.statistic == pytest.approx(4.0621, abs=5e-5)
    assert found.p == pytest.approx(0.002833, abs=5e-7)


def test_t_by_hand() -> None:
    # Mean 2, squares about it 4 + 0 + 4, variance 4: t = 2 / (2 / root of 3). Two
    # degrees of freedom: p = 1 - t / root of (t² + 2) = 1 - root of 3 / 5.
    found = t_test(array([0, 2, 4]))
    assert found.statistic == pytest.approx(math.sqrt(3))
    assert found.p == pytest.approx(1 - math.sqrt(3 / 5))


def test_t_is_paired() -> None:
    one = [0.1, 0.4, 0.6, 0.9]
    two = [0.15, 0.47, 0.66, 0.99]
    found = t_test(differences(named(one), named(two)))
    paired, unpaired = stats.ttest_rel(two, one), stats.ttest_ind(two, one)
    assert found.statistic == pytest.approx(paired.statistic)
    assert found.p == pytest.approx(paired.pvalue)
    assert found.p < 0.02 < 0.7 < unpaired.pvalue


def test_differences_without_spread_give_the_limit() -> None:
    assert t_test(array([0.9 - 0.8, 0.3 - 0.2])) == Outcome(math.inf, 0.0)
    assert t_test(array([-0.5, -0.5])) == Outcome(-math.inf, 0.0)


# --- randomisation ---------------------------------------------------------------


def test_fishers_own_example_as_published() -> None:
    """863 of 32,768 on either side (The Design of Experiments, 1935, section 21)."""
    assert randomisation_test(array(MAIZE)).p == 2 * 863 / 32_768
    assert t_test(array(MAIZE)).p == pytest.approx(0.0497, abs=5e-5)


def test_six_queries_by_enumeration() -> None:
    # The sum is 1.5 of at most 2.25. To lose 0.75 or less net, turn nothing (2.25), the
    # first (2), the second (1.75), the third (1.5) or the first two (1.5): 5 of 64 on
    # either side.
    row = [0.125, 0.25, -0.375, 0.5, 0.5, 0.5]
    assert slow_p(row) == 10 / 64
    assert randomisation_test(array(row)) == Outcome(0.25, 10 / 64)


@given(pairs=values)
def test_p_agrees_with_every_swap_in_exact_arithmetic(
    pairs: list[tuple[float, float]],
) -> None:
    row = [round((two - one) * 64) / 64 for one, two in pairs][:8]
    found = randomisation_test(array(row), permutations=2**8)
    assert found.p == pytest.approx(slow_p(row), abs=1e-12)


def test_equal_sums_count_although_rounding_parts_them() -> None:
    row = [0.1, 0.2, -0.3, 0.6]
    assert sum(row) != 0.6
    assert randomisation_test(array(row)).p == slow_p([1, 2, -3, 6])


def test_ties_count_neither_for_p_nor_for_the_number_of_swaps() -> None:
    row = [0.125, 0.25, -0.375, 0.5, 0.5, 0.5]
    found = randomisation_test(array([*row, *[0.0] * 300]), permutations=64)
    assert found.p == 10 / 64
    assert found.statistic == pytest.approx(1.5 / 306)


def test_random_swaps_come_near_all_swaps_and_count_none_as_one() -> None:
    draws = 20_000
    found = randomisation_test(array(MAIZE), permutations=draws)
    exact = 2 * 863 / 32_768
    assert found.p != exact
    assert abs(found.p - exact) < 4 * math.sqrt(exact * (1 - exact) / draws)
    assert randomisation_test(array([1.0] * 60), permutations=999).p == 1 / 1000


def test_random_swaps_agree_with_scipy() -> None:
    row = np.random.default_rng(7).normal(0.02, 0.2, 80)
    expected = stats.permutation_test(
        (row,),
        lambda sample, axis: sample.mean(axis=axis),
        permutation_type="samples",
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    )
    found = randomisation_test(np.sort(row), permutations=100_000)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue, abs=0.015)


def test_a_seed_gives_the_same_swaps_again() -> None:
    row = array(MAIZE)
    first = randomisation_test(row, permutations=500, seed=1)
    assert randomisation_test(row, permutations=500, seed=1) == first
    seeds = {randomisation_test(row, permutations=500, seed=n).p for n in range(5)}
    assert len(seeds) > 1


def test_less_than_one_swap_is_refused() -> None:
    with pytest.raises(TasbError, match="0 permutations: expected at least 1"):
        randomisation_test(array(MAIZE), permutations=0)


# --- both ------------------------------------------------------------------------


def few_swaps(apart: Differences) -> Outcome:
    return randomisation_test(apart, permutations=100)


@pytest.mark.parametrize("test", [t_test, randomisation_test, few_swaps])
@given(pairs=values)
def test_swapped_runs_flip_the_sign_and_keep_p(
    test: Test, pairs: list[tuple[float, float]]
) -> None:
    one, two = (named(list(row)) for row in zip(*pairs, strict=True))
    here, there = test(differences(one, two)), test(differences(two, one))
    assert there.statistic == pytest.approx(-here.statistic)
    assert there.p == pytest.approx(here.p)
    assert 0 <= here.p <= 1


@pytest.mark.parametrize("test", [t_test, randomisation_test, few_swaps])
def test_identical_runs_have_p_1(test: Test) -> None:
    run = named(DRUG_1)
    assert test(differences(run, run)) == Outcome(0.0, 1.0)
    assert test(differences({"1": 0.5, "2": 1.0}, {"1": 0.5, "2": 1.0})).p == 1
