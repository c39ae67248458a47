import pytest

from tasb_pyserini.evaluation.seeds import over_seeds
from tasb_pyserini.formats.errors import TasbError

# Table 5 of Hofstätter et al., SIGIR 2021: instances A to E, average, deviation.
TABLE_5 = {
    "DL19 nDCG@10": ([0.712, 0.713, 0.716, 0.712, 0.705], ".712", ".004"),
    "DL19 R@1K": ([0.845, 0.833, 0.844, 0.838, 0.841], ".840", ".005"),
    "DL20 nDCG@10": ([0.693, 0.684, 0.679, 0.688, 0.701], ".689", ".008"),
    "dev MRR@10": ([0.340, 0.341, 0.341, 0.339, 0.339], ".340", ".001"),
    "dev R@1K": ([0.975, 0.974, 0.975, 0.974, 0.974], None, ".001"),
    "DL20 R@1K": ([0.865, 0.859, 0.859, 0.861, 0.862], ".861", None),
}
"""None where the instances' three decimals are too few for the paper's: dev R@1K .974
and not .975, DL20 R@1K .0025, half way, and not .003."""


@pytest.mark.parametrize("column", TABLE_5)
def test_mean_and_deviation_of_the_papers_five_instances(column: str) -> None:
    values, average, deviation = TABLE_5[column]
    found = over_seeds(values)
    if average:
        assert f"{found.mean:.3f}"[1:] == average
    if deviation:
        assert f"{found.deviation:.3f}"[1:] == deviation


def test_deviation_by_hand() -> None:
    # Squares about the mean .4: .04 + 0 + .04, over 3 - 1.
    found = over_seeds([0.2, 0.4, 0.6])
    assert found.mean == pytest.approx(0.4)
    assert found.deviation == pytest.approx(0.2)


def test_equal_runs_have_no_deviation() -> None:
    assert over_seeds([0.1, 0.1]).deviation == 0


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_runs_are_refused(values: list[float]) -> None:
    with pytest.raises(TasbError, match="expected at least 2 seeds of one system"):
        over_seeds(values)
