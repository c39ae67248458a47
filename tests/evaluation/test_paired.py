from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.evaluation.paired import TIE, differences, is_constant
from tasb_pyserini.formats.errors import TasbError

two_runs = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2)


def test_differences_are_the_run_less_the_baseline_ascending() -> None:
    found = differences({"1": 0.25, "2": 0.5, "3": 1.0}, {"3": 0.0, "1": 1.0, "2": 0.5})
    assert found.tolist() == [-1.0, 0.0, 0.75]


def test_what_rounding_parts_is_a_tie() -> None:
    assert 0.1 + 0.2 != 0.3
    found = differences({"1": 0.3, "2": 0.0}, {"1": 0.1 + 0.2, "2": 2 * TIE})
    assert found.tolist() == [0.0, 2 * TIE]


@given(values=two_runs)
def test_swapped_runs_give_the_mirror_image(values: list[tuple[float, float]]) -> None:
    one = {str(qid): value for qid, (value, _) in enumerate(values)}
    two = {str(qid): value for qid, (_, value) in enumerate(values)}
    mirrored = -differences(two, one)[::-1]
    np.testing.assert_array_equal(differences(one, two), mirrored)


@given(values=two_runs, random=st.randoms(use_true_random=False))
def test_the_order_of_the_queries_does_not_matter(
    values: list[tuple[float, float]], random: Random
) -> None:
    shuffled = random.sample(values, len(values))
    first, second = (
        differences(
            {str(qid): value for qid, (value, _) in enumerate(row)},
            {str(qid): value for qid, (_, value) in enumerate(row)},
        )
        for row in (values, shuffled)
    )
    np.testing.assert_array_equal(first, second)


def test_constant_differences_are_told_from_others() -> None:
    assert is_constant(np.array([0.9 - 0.8, 0.3 - 0.2]))
    assert not is_constant(np.array([0.0, 2 * TIE]))


def test_runs_of_other_queries_are_refused() -> None:
    with pytest.raises(TasbError, match="query 2: in one of two runs; expected values"):
        differences({"1": 0.0, "3": 0.0}, {"1": 0.0, "2": 0.0, "3": 0.0})


@pytest.mark.parametrize("values", [{}, {"1": 0.5}])
def test_fewer_than_two_queries_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(TasbError, match=f"{len(values)} queries in common; expected"):
        differences(values, values)
