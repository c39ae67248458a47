import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.evaluation.correction import CORRECTIONS, bonferroni, holm

families = st.lists(st.floats(0, 1), max_size=8)


def test_holm_by_hand() -> None:
    # Ascending: .005 x 4 = .02, .01 x 3 = .03, .03 x 2 = .06; .04 x 1 is below .06.
    expected = [0.03, 0.06, 0.06, 0.02]
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx(expected, abs=1e-15)


def test_bonferroni_by_hand() -> None:
    expected = [0.04, 0.16, 0.12, 1.0]
    assert bonferroni([0.01, 0.04, 0.03, 0.5]) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_family_of_one_or_none_stays_as_it_is(name: str) -> None:
    assert CORRECTIONS[name]([0.25]) == [0.25]
    assert CORRECTIONS[name]([]) == []


@given(p_values=families)
def test_holm_lies_between_p_and_bonferroni_and_keeps_the_order(
    p_values: list[float],
) -> None:
    found = holm(p_values)
    for p, corrected, most in zip(p_values, found, bonferroni(p_values), strict=True):
        assert p <= corrected <= most <= 1
    pairs = sorted(zip(p_values, found, strict=True))
    assert [of for _, of in pairs] == sorted(found)


@given(p_values=families, alpha=st.floats(0.01, 0.2))
def test_holm_rejects_what_its_steps_reject(
    p_values: list[float], alpha: float
) -> None:
    """Holm's procedure as published: from the smallest p on, until one is too large."""
    rejected: set[float] = set()
    for smaller, p in enumerate(sorted(p_values)):
        if (len(p_values) - smaller) * p > alpha:
            break
        rejected.add(p)
    found = {
        p
        for p, corrected in zip(p_values, holm(p_values), strict=True)
        if corrected <= alpha
    }
    assert found == rejected
