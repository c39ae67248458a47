import math
from functools import partial

import numpy as np
import pytest
from scipy import stats

from tasb_pyserini.evaluation.compare import compare
from tasb_pyserini.evaluation.significance import randomisation_test
from tasb_pyserini.formats.errors import TasbError

BASE = {"1": 0.5, "2": 0.25, "3": 0.0, "4": 1.0}
GOOD = {"1": 1.0, "2": 0.5, "3": 0.0, "4": 0.75}  # apart .5 .25 0 -.25
BEST = {"1": 1.0, "2": 1.0, "3": 0.5, "4": 1.0}  # apart .5 .75 .5 0
VALUES = {"base": BASE, "good": GOOD, "best": BEST}


def test_a_comparison_by_hand() -> None:
    (found,) = compare(VALUES, [("base", "good")])
    # Mean 1/8; squares about it (9 + 1 + 1 + 9) / 64, variance 20 / 64 / 3.
    deviation = math.sqrt(20 / 64 / 3)
    assert (found.baseline, found.run) == ("base", "good")
    assert found.difference == 0.125
    assert found.cohens_d_z == pytest.approx(0.125 / deviation)
    assert found.statistic == pytest.approx(0.125 / (deviation / 2))
    expected = stats.ttest_rel(list(GOOD.values()), list(BASE.values()))
    assert found.p == pytest.approx(expected.pvalue)
    assert found.corrected_p == found.p
    assert (found.wins, found.ties, found.losses) == (2, 1, 1)
    assert -0.25 <= found.interval[0] < 0.125 < found.interval[1] <= 0.5


def test_the_pairs_are_the_family_of_the_correction() -> None:
    pairs = [("base", "good"), ("base", "best"), ("good", "best")]
    found = compare(VALUES, pairs, correction="bonferroni")
    assert [(of.baseline, of.run) for of in found] == pairs
    for of in found:
        assert of.corrected_p == min(3 * of.p, 1)
    alone = compare(VALUES, pairs[1:2], correction="bonferroni")
    assert alone[0].p == alone[0].corrected_p == found[1].p


def test_another_test_takes_the_place_of_t() -> None:
    test = partial(randomisation_test, permutations=100)
    found = compare(VALUES, [("base", "good"), ("base", "best")], test=test)
    # Apart by .5, .25, -.25, together .5: so do + + - and + - +, and + + + makes 1.
    # Apart by .5, .75, .5, together 1.75: no other signs do. Both sides.
    assert [of.p for of in found] == [6 / 8, 2 / 8]
    assert [of.corrected_p for of in found] == [6 / 8, 4 / 8]
    assert [of.statistic for of in found] == [0.125, 0.4375]


def test_identical_runs_differ_in_nothing() -> None:
    (found,) = compare({"a": BASE, "b": dict(BASE)}, [("a", "b")])
    assert (found.difference, found.interval) == (0.0, (0.0, 0.0))
    assert (found.statistic, found.p, found.corrected_p) == (0.0, 1.0, 1.0)
    assert found.cohens_d_z == 0.0
    assert (found.wins, found.ties, found.losses) == (0, 4, 0)


def test_a_smaller_alpha_widens_the_interval() -> None:
    rng = np.random.default_rng(3)
    values = {name: dict(enumerate(rng.random(50))) for name in ("a", "b")}
    named = {
        name: {str(q): value for q, value in of.items()} for name, of in values.items()
    }
    narrow, wide = (
        compare(named, [("a", "b")], alpha=alpha)[0].interval for alpha in (0.1, 0.01)
    )
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0, math.nan])
def test_alpha_is_between_0_and_1(alpha: float) -> None:
    with pytest.raises(TasbError, match=f"alpha {alpha}: expected a number between"):
        compare(VALUES, [("base", "good")], alpha=alpha)
