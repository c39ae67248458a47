"""Claims are judged by records whose values were written by hand."""

from pathlib import Path

import pytest
from scipy import stats

from tasb_pyserini.study.claims import deviation_interval, judge_claims
from tasb_pyserini.study.plan import make_plan
from tasb_pyserini.study.records import read_records
from tasb_pyserini.study.spec import Study
from tests.study.quick import STUDY, made_up_record, write_study

POOR = [[0.5, 0.5, 0.25, 0.0], [0.5, 0.25, 0.25, 0.2]]
GOOD = [[1.0, 1.0, 0.5, 0.5], [1.0, 0.75, 0.75, 0.5]]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return write_study(tmp_path / "studies")


def write(study: Study, results: Path, cell: str, per_seed: list[list[float]]) -> None:
    hashes = {
        (run.name, run.seed): run.sha256
        for run in make_plan(study, study.profiles["small"]).runs
    }
    for seed, values in enumerate(per_seed, start=1):
        made_up_record(cell, seed, hashes[cell, seed], values).write(results)


def verdicts(study: Study, results: Path) -> dict[str, tuple[str, str]]:
    profile = study.profiles["small"]
    records, _ = read_records(study, profile, results, results / "none")
    judged = judge_claims(study, profile, records)
    return {of.claim.text: (of.verdict, of.evidence[0]) for of in judged}


def test_a_significant_difference_as_claimed_is_confirmed(
    study: Study, tmp_path: Path
) -> None:
    write(study, tmp_path, "table/poor", POOR)
    write(study, tmp_path, "table/good", GOOD)
    verdict, evidence = verdicts(study, tmp_path)["Good is better"]
    # Means of the two seeds, query by query: .5 .375 .25 .1 and 1 .875 .625 .5.
    test = stats.ttest_rel([1, 0.875, 0.625, 0.5], [0.5, 0.375, 0.25, 0.1])
    assert verdict == "CONFIRMED"
    assert "RR@10 on test +0.4437" in evidence
    assert evidence.endswith(f"p = {test.pvalue:.2g}")


def test_a_significant_difference_the_other_way_is_not_confirmed(
    study: Study, tmp_path: Path
) -> None:
    write(study, tmp_path, "table/poor", GOOD)
    write(study, tmp_path, "table/good", POOR)
    assert verdicts(study, tmp_path)["Good is better"][0] == "NOT CONFIRMED"


def test_a_difference_that_may_be_chance_is_undecided(
    study: Study, tmp_path: Path
) -> None:
    write(study, tmp_path, "table/poor", [[0.0, 1.0, 0.5, 0.5]] * 2)
    write(study, tmp_path, "table/good", [[1.0, 0.0, 0.5, 0.6]] * 2)
    assert verdicts(study, tmp_path)["Good is better"][0] == "UNDECIDED"


def test_the_differences_claimed_of_an_experiment_are_one_family(
    study: Study, tmp_path: Path
) -> None:
    text = STUDY.replace("RR@10}", "nDCG@10}", 1) + (
        "  - {text: Twice, source: a, compare: [table/good > table/poor], "
        "test: test, measure: RR@10}\n"
    )
    two = write_study(tmp_path / "two", text)
    write(two, tmp_path, "table/poor", POOR)
    write(two, tmp_path, "table/good", GOOD)
    test = stats.ttest_rel([1, 0.875, 0.625, 0.5], [0.5, 0.375, 0.25, 0.1])
    found = verdicts(two, tmp_path)
    for claim in ("Good is better", "Twice"):
        assert found[claim][1].endswith(f"p = {2 * test.pvalue:.2g}")


def test_a_claim_about_a_cell_without_records_is_not_run_with_the_reason(
    study: Study, tmp_path: Path
) -> None:
    write(study, tmp_path, "table/poor", POOR)
    found = verdicts(study, tmp_path)
    expected = ("NOT RUN", "no record of table/never: nobody can")
    assert found["Never is better"] == expected
    assert found["Good is better"] == ("NOT RUN", "no record of table/good")


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        (0.5, "CONFIRMED"),  # no deviation
        (0.501, "UNDECIDED"),  # deviation .0007, of two seeds up to .02
        (0.9, "NOT CONFIRMED"),  # deviation .28, at least .13
    ],
)
def test_steadiness_rests_on_the_interval_of_the_deviation(
    study: Study, tmp_path: Path, second: float, verdict: str
) -> None:
    write(study, tmp_path, "table/good", [[0.5] * 4, [second] * 4])
    assert verdicts(study, tmp_path)["Seeds vary little"][0] == verdict


def test_the_interval_of_a_deviation_is_that_of_the_chi_square() -> None:
    # Tables: chi-square with 4 degrees of freedom is 11.143 at .975, .4844 at .025.
    low, high = deviation_interval(1.0, 5)
    assert low == pytest.approx((4 / 11.143) ** 0.5, abs=1e-3)
    assert high == pytest.approx((4 / 0.4844) ** 0.5, abs=1e-3)


def test_equal_within_a_bound_needs_the_whole_interval(
    study: Study, tmp_path: Path
) -> None:
    write(study, tmp_path, "table/good", GOOD)
    verdict, evidence = verdicts(study, tmp_path)["No difference"]
    assert (verdict, "[+0.0000, +0.0000]" in evidence) == ("CONFIRMED", True)


def test_a_profiles_notes_stand_by_the_claims_about_their_cells(tmp_path: Path) -> None:
    notes = "    notes: {table/good: good is a copy, table/poor: poor too}\n"
    cut = "    not_run: {table/cut: too large here}\n"
    study = write_study(tmp_path / "studies", STUDY.replace(cut, cut + notes))
    judged = judge_claims(study, study.profiles["small"], {})
    assert [of.evidence[1:] for of in judged] == [
        ("good is a copy", "poor too"),
        ("poor too",),
        ("good is a copy",),
        ("good is a copy",),
    ]
    assert judge_claims(study, study.profiles["full"], {})[0].evidence[1:] == ()


def test_a_record_of_the_study_as_it_was_counts_for_nothing(
    study: Study, tmp_path: Path
) -> None:
    made_up_record("table/good", 1, "0" * 64, GOOD[0]).write(tmp_path)
    none = tmp_path / "none"
    records, left_out = read_records(study, study.profiles["small"], tmp_path, none)
    assert records == {}
    path = tmp_path / "small/table/good/1.json"
    assert left_out == {path: "of the study as it was"}


def test_a_record_that_the_profile_has_no_place_for_is_named(
    study: Study, tmp_path: Path
) -> None:
    write(study, tmp_path, "table/good", GOOD)
    profile = study.profiles["small"]
    others = [("table/good", 9), ("table/cut", 1), ("table/gone", 1)]
    for cell, seed in others:
        made_up_record(cell, seed, "0" * 64, GOOD[0]).write(tmp_path)
    records, left_out = read_records(study, profile, tmp_path, tmp_path / "none")
    assert set(records["table/good"]) == {1, 2}
    assert left_out == {
        tmp_path / f"small/{cell}/{seed}.json": "of no cell and seed of profile small"
        for cell, seed in others
    }
