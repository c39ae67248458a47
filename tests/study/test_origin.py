"""A record tells what it rests on, and holds as long as that is as it was."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tasb_pyserini.study.origin import (
    checksums,
    data_files,
    recipe_values,
    recipes_of,
    why_stale,
)
from tasb_pyserini.study.plan import CellRun, make_plan
from tasb_pyserini.study.record import Record
from tasb_pyserini.study.records import read_records
from tasb_pyserini.study.run import run_study
from tasb_pyserini.study.schema import read_study
from tasb_pyserini.study.spec import Study
from tests.study.quick import made_up_record, write_data, write_study

DOCS = Path(__file__).parents[2] / "docs/studies"


def run(study: Study, folder: Path) -> set[str]:
    """Run what is due of seed 1; return the cells that were."""
    profile, said = study.profiles["small"], list[str]()
    failed = run_study(
        study,
        profile,
        make_plan(study, profile, seeds=[1]),
        work=folder / "work",
        results=folder / "results",
        data=folder / "data",
        say=said.append,
    )
    assert failed == {}
    measured = [line for line in said if line.startswith(str(folder / "results"))]
    return {line.split("/small/")[1].split("/1.json")[0] for line in measured}


def read(study: Study, folder: Path) -> tuple[dict[str, float], dict[str, str]]:
    """Return RR@10 of the cells that hold, and why others do not."""
    records, left_out = read_records(
        study, study.profiles["small"], folder / "results", folder / "data"
    )
    return {cell: of[1].tests["test"].means["RR@10"] for cell, of in records.items()}, {
        str(path.relative_to(folder / "results")): why for path, why in left_out.items()
    }


def test_other_data_make_a_record_stale_and_are_measured(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data") / "tiny"
    study = write_study(tmp_path / "studies")
    assert run(study, tmp_path) == {"table/poor", "table/good"}
    assert run(study, tmp_path) == set()
    assert read(study, tmp_path) == (
        {"table/poor": 0.5, "table/good": 1.0, "table/again": 1.0},
        {},
    )
    record = Record.read(tmp_path / "results/small/table/good/1.json")
    assert record is not None
    assert record.commit is not None
    assert record.recipes == {}  # nothing is trained
    assert record.inputs == {
        f"data/tiny/{name}": sha256((data / name).read_bytes()).hexdigest()
        for name in ("poor.txt", "good.txt", "topics.tsv", "qrels.txt")
    }

    (data / "qrels.txt").write_text("8 0 d2 1\n9 0 d2 1\n")
    assert read(study, tmp_path)[1] == {
        f"small/table/{cell}/1.json": "of data/tiny/qrels.txt as it was"
        for cell in ("poor", "good")
    }
    assert run(study, tmp_path) == {"table/poor", "table/good"}
    assert read(study, tmp_path)[0]["table/poor"] == 1.0

    (data / "train.qrels.txt").write_text("1 0 d5 1\n")  # nothing is trained
    assert run(study, tmp_path) == set()
    (data / "good.txt").write_text((data / "poor.txt").read_text())
    assert set(read(study, tmp_path)[1]) == {"small/table/good/1.json"}


def planned(folder: Path) -> CellRun:
    study = write_study(folder)
    return make_plan(study, study.profiles["small"], ["table/good"], [1]).runs[0]


def test_what_is_not_recorded_or_not_at_hand_speaks_against_nothing(
    tmp_path: Path,
) -> None:
    run = planned(tmp_path / "studies")
    data = write_data(tmp_path / "data")
    record = made_up_record(run.name, 1, run.sha256, [1.0])
    assert (record.commit, record.recipes) == (None, None)
    assert why_stale(record, run, checksums(data)) == ""
    given = {"data/tiny/qrels.txt": "0" * 64, "data/other/qrels.txt": "0" * 64}
    known = replace(record, inputs=given)
    assert why_stale(known, run, checksums(tmp_path / "none")) == ""
    assert why_stale(known, run, checksums(data)) == "of data/tiny/qrels.txt as it was"


def test_another_recipe_makes_a_record_stale(tmp_path: Path) -> None:
    run, now = planned(tmp_path), checksums(tmp_path)
    values = recipe_values("tct-colbert")
    assert values["temperature"] == 0.25
    record = made_up_record(run.name, 1, run.sha256, [1.0])
    same = replace(record, recipes={"tct-colbert": values})
    same.write(tmp_path)
    again = Record.read(tmp_path / "small/table/good/1.json")
    assert again == same
    assert why_stale(again, run, now) == ""
    hotter = replace(record, recipes={"tct-colbert": values | {"temperature": 0.5}})
    assert why_stale(hotter, run, now) == "of recipe tct-colbert as it was"
    gone = replace(record, recipes={"tct": values})
    assert why_stale(gone, run, now) == "of recipe tct as it was"


@pytest.mark.parametrize(
    ("cell", "recipes", "trained"),
    [
        ("tct/tct-colbert", {"standalone", "tct-colbert", "teacher"}, 1),
        ("pipeline/bm25", set(), 0),
    ],
)
def test_a_cell_of_the_papers_rests_on_its_recipes_and_training_files(
    cell: str, recipes: set[str], trained: int
) -> None:
    study = read_study(DOCS / "papers.yaml")
    profile = study.profiles["small"]
    plan = make_plan(study, profile, [cell], [1])
    stages = [plan.stages[made] for made in plan.runs[0].needs]
    assert set(recipes_of(stages)) == recipes
    files = data_files(study, profile, plan.runs[0], stages)
    assert {"data/msmarco-mini/heldout.qrels.txt"} <= set(files)
    assert ("data/msmarco-mini/train.topics.tsv" in files) == bool(trained)
    # Its queries are left out of training, though small does not test on it.
    assert ("data/squad-mini/topics.tsv" in files) == bool(trained)


def test_the_committed_records_hold_without_what_they_do_not_tell(
    tmp_path: Path,
) -> None:
    study = read_study(DOCS / "papers.yaml")
    results = DOCS / "results"
    records, left_out = read_records(study, study.profiles["small"], results, tmp_path)
    every = {(r.cell, r.seed): r for of in records.values() for r in of.values()}
    assert len(every) == len(list(results.rglob("*.json")))
    assert left_out == {}
    lacking = [path for path in results.rglob("*.json") if not _tells(path)]
    assert sum(record.commit is None for record in every.values()) == len(lacking)


def _tells(path: Path) -> bool:
    return "commit" in json.loads(path.read_bytes())
