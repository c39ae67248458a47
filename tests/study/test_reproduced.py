"""A number is reproduced when it lies within the deviation that was reported."""

import pytest

from tasb_pyserini.study.records import Records
from tasb_pyserini.study.reproduced import Difference, reproduced
from tasb_pyserini.study.schema import read_study
from tasb_pyserini.study.spec import Study
from tests.study.quick import made_up_record, write_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("studies")
    write_study(folder)
    return read_study(folder / "quick.yaml")


def records(**cells: dict[int, list[float]]) -> Records:
    """Return records of the cells of ``table``: seed → a value a query."""
    return {
        f"table/{cell}": {
            seed: made_up_record(f"table/{cell}", seed, "0", values)
            for seed, values in seeds.items()
        }
        for cell, seeds in cells.items()
    }


def test_a_mean_within_the_deviation_is_reproduced(study: Study) -> None:
    reported = records(good={1: [0.5, 0.5], 2: [0.5, 0.7]})  # .5 and .6
    again = records(good={1: [0.5, 0.6], 2: [0.7, 0.7]})  # .55 and .7
    [cell] = reproduced(study, reported, again)
    assert (cell.cell, cell.seeds, cell.equal) == ("table/good", (1, 2), 0)
    [ndcg, rr] = cell.differences
    assert (ndcg.measure, rr.measure, rr.test) == ("nDCG@10", "RR@10", "test")
    assert rr.reported == pytest.approx(0.55)
    assert rr.again == pytest.approx(0.625)
    assert rr.deviation == pytest.approx(0.1 / 2**0.5)  # of two numbers .1 apart
    assert not rr.within
    assert cell.outside == [ndcg, rr]


def test_seeds_are_compared_with_the_same_seeds(study: Study) -> None:
    reported = records(good={1: [0.2], 2: [0.4], 3: [0.6]})
    [cell] = reproduced(study, reported, records(good={3: [0.6], 9: [0.0]}))
    assert (cell.seeds, cell.equal, cell.outside) == ((3,), 1, [])
    assert cell.differences[0].reported == 0.6
    assert cell.differences[0].deviation == pytest.approx(0.2)


def test_a_single_seed_must_print_alike(study: Study) -> None:
    reported = records(poor={1: [0.5]})
    [near] = reproduced(study, reported, records(poor={1: [0.50004]}))
    [far] = reproduced(study, reported, records(poor={1: [0.5002]}))
    assert (near.equal, near.outside) == (0, [])
    assert len(far.outside) == 2


def test_equal_means_of_other_queries_are_not_equal_records(study: Study) -> None:
    reported = records(good={1: [0.2, 0.4], 2: [0.2, 0.5]})
    again = records(good={1: [0.4, 0.2], 2: [0.2, 0.5]})
    [cell] = reproduced(study, reported, again)
    assert (cell.equal, cell.outside) == (1, [])


def test_cells_that_only_one_has_are_left_out(study: Study) -> None:
    reported = records(good={1: [0.5]}, poor={1: [0.5]}, again={1: [0.5]})
    again = records(poor={1: [0.5]}, again={1: [0.5]})  # again is good's row
    assert [cell.cell for cell in reproduced(study, reported, again)] == ["table/poor"]


@pytest.mark.parametrize(
    ("again", "within"),
    [(0.51, True), (0.4891, True), (0.5112, False), (0.4889, False)],
)
def test_the_bound_is_the_deviation(again: float, within: bool) -> None:
    found = Difference(
        cell="a/b", test="t", measure="m", reported=0.5, again=again, deviation=0.011
    )
    assert found.within is within
