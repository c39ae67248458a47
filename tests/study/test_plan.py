"""A plan has every stage once, after what it reads, and knows what it rests on."""

from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.study.plan import make_plan
from tasb_pyserini.study.script import script
from tests.study.quick import STUDY, write_study


def hashes(folder: Path, text: str) -> dict[str, str]:
    study = write_study(folder, text)
    plan = make_plan(study, study.profiles["small"])
    return {f"{run.name}/{run.seed}": run.sha256 for run in plan.runs}


def test_stages_are_shared_and_ordered(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    plan = make_plan(study, study.profiles["small"])
    assert [f"{run.name} {run.seed}" for run in plan.runs] == [
        *("table/poor 1", "table/poor 2", "table/good 1", "table/good 2")
    ]
    assert len(plan.stages) == 1 + 4 * 2
    first = "cells/table/good/2/first.txt"
    assert plan.before[first] == ("shared.txt",)
    assert plan.before["cells/table/good/2/run.tiny.txt"] == (first,)
    order = list(plan.stages)
    assert all(order.index(b) < order.index(m) for m in order for b in plan.before[m])
    assert plan.stages[first].words == (
        *("tasb", "fuse", "--runs", "shared.txt", "data/tiny/good.txt"),
        *("--weights", "2", "90", "--method", "sum", "--output", first),
    )
    assert plan.stages[first].inputs() == ["data/tiny/good.txt"]


def test_only_a_cell_and_its_seeds(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    profile = study.profiles["small"]
    plan = make_plan(study, profile, ["table/again"], [2])  # the same as good
    assert [(run.name, run.seed) for run in plan.runs] == [("table/good", 2)]
    assert len(plan.stages) == 3
    assert len(make_plan(study, profile, ["tab*"]).runs) == 4
    with pytest.raises(TasbError, match=r"^--seeds 9: none of .*; expected 1, 2, or"):
        make_plan(study, profile, ["table/good"], [1, 9])
    for name, why in (
        ("table/cut", "too large here"),
        ("table/never", "nobody can"),
        ("table/god", "did you mean 'table/good'"),
    ):
        with pytest.raises(TasbError, match=why):
            make_plan(study, profile, [name])


def test_the_checksum_of_a_cell_is_that_of_all_it_rests_on(tmp_path: Path) -> None:
    before = hashes(tmp_path, STUDY)
    assert len(set(before.values())) == 4
    other = hashes(tmp_path, STUDY.replace('weight: "90"', 'weight: "80"'))
    assert {name for name in before if before[name] != other[name]} == {
        *("table/good/1", "table/good/2")
    }
    shared = hashes(tmp_path, STUDY.replace("poor.txt data/tiny", "good.txt data/tiny"))
    assert not set(before.values()) & set(shared.values())
    # What is for people changes nothing.
    assert hashes(tmp_path, STUDY.replace("Runs fused", "Runs")) == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("--weights {seed}", "--weights {sed}", "did you mean 'seed'?"),
        ('writes: "{folder}/run', 'writes: "{folder}/ran', "no stage makes it"),
        ('weight: "90"', 'weight: "{weight}"', "values that end somewhere"),
        ("command: tasb fuse --runs data", "command: rm data", "expected python or"),
        ('"{folder}/first.txt"', '"first.txt"', "written by two stages"),
    ],
)
def test_a_plan_that_can_not_be_run_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    study = write_study(tmp_path, STUDY.replace(old, new, 1))
    with pytest.raises(TasbError, match=message):
        make_plan(study, study.profiles["small"])


def test_the_script_has_every_command(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    profile = study.profiles["small"]
    plan = make_plan(study, profile)
    lines = list(script(study, profile, plan, Path("work")))
    assert sum(line.startswith("tasb fuse") for line in lines) == 9
    assert "# measured: table/good, seed 2: test" in lines
