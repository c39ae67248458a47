"""tasb study: run and report, and one line for every mistake."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.study.plan import make_plan
from tasb_pyserini.study.schema import read_study
from tests.study.quick import STUDY, made_up_record, write_data


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TASB_DATA", str(write_data(tmp_path / "data")))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    Path("docs/studies").mkdir(parents=True)
    Path("docs/studies/quick.yaml").write_text(STUDY)
    return tmp_path


def test_run_and_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("study", "run", "quick", "--jobs", "2", "--seeds", "1", "2")
    assert main([*words]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("docs/studies/results: 4 of 4 records, 4 of them run now, ")
    assert "· 3 training queries, 0 left out as test queries" in err
    assert "· [13/13] " in err  # 9 commands and 4 measurings
    record = json.loads(
        Path("docs/studies/results/small/table/good/2.json").read_text()
    )
    assert record["tests"]["test"]["means"]["RR@10"] == 1.0
    assert main([*words]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("docs/studies/results: 4 of 4 records, 0 of them run now, ")
    assert err.endswith(
        "all cells have their records; another --results runs them again\n"
    )
    assert main(["study", "report", "quick"]) == 0
    assert "docs/study.md: small: 4 records; " in capsys.readouterr().out
    assert ".json)" in Path("docs/study.md").read_text()
    assert Path("docs/study.html").is_file()


def test_outside_a_clone_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["study", "report"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "docs/studies: no such folder; studies and their records lie in a c" in err


def test_a_dry_run_prints_and_runs_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--profile", "full", "--only", "table/good", "--dry-run")
    assert main(["study", "run", "quick", *words]) == 0
    out = capsys.readouterr().out
    assert out.count("tasb fuse \\\n") == 7
    assert "--output cells/table/good/3/run.tiny.txt" in out
    assert not Path("study-out").exists()
    assert not Path("docs/studies/results").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "quik"], "unknown study 'quik'; did you mean 'quick'?"),
        (["run", "quick", "--profile", "smal"], "did you mean 'small'?"),
        (["run", "quick", "--only", "table/never"], "nothing to run: nobody can"),
        (["compare", "no", "--name", "quick"], "no: no record of profile small that"),
        (["report", "quick", "--output", "a.txt"], "a.txt: expected a name that ends"),
    ],
)
def test_a_mistake_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["study", *words]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_data_that_is_not_there_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASB_DATA", str(folder / "elsewhere"))
    assert main(["study", "run", "quick"]) == 1
    assert "no collection tiny in" in capsys.readouterr().err


def test_what_could_not_be_run_is_said_with_status_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("data/tiny/good.txt").write_text("not a run\n")
    assert main(["study", "run", "quick", "--seeds", "1"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("docs/studies/results: 1 of 2 records, 1 of them run now, ")
    stage = (
        "stage cells+table+good+1+first.txt ended with status 1, saying: tasb fuse: "
    )
    assert f"tasb study: NOT RUN: {stage}data/tiny/good.txt:1: 3 columns; " in err


def test_another_run_is_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for results in ("docs/studies/results", "again"):
        words = ("--only", "table/good", "--results", results)
        assert main(["study", "run", "quick", *words]) == 0
    compare = ["study", "compare", "again", "--name", "quick"]
    capsys.readouterr()
    assert main(compare) == 0
    out = capsys.readouterr().out
    assert "2 records: 2 equal in every query; 2 of 2 means" in out
    record = Path("again/small/table/good/2.json")
    values = json.loads(record.read_text())
    values["tests"]["test"]["means"]["RR@10"] = 0.5
    record.write_text(json.dumps(values))
    assert main(compare) == 1
    out = capsys.readouterr().out
    assert "outside: table/good: RR@10 on test: 0.7500, reported 1.0000 ± 0.0000" in out
    assert main([*compare, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["outside"] == 1
    assert [d["within"] for d in told["cells"][0]["differences"]] == [True, False]


def test_records_of_the_study_as_it_was_are_named_and_not_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = read_study(Path("docs/studies/quick.yaml"))
    reported, other = Path("docs/studies/results"), Path("again[b]")
    for run in make_plan(study, study.profiles["small"]).runs:
        old = "0" * 64 if run.name == "table/poor" else run.sha256
        for results, sha256 in ((reported, old), (other, run.sha256)):
            record = made_up_record(run.name, run.seed, sha256, [0.9, 0.9])
            record.write(results)
    compare = ["study", "compare", str(other), "--name", "quick"]
    assert main(compare) == 1
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        f"tasb study: {reported}/small/table/poor/{seed}.json: of the study as it was; "
        "not compared"
        for seed in (1, 2)
    ]
    assert "again[b] beside what is reported" in out
    assert out.endswith("reported deviation; 2 not compared\n")
    assert main([*compare, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["outside"], told["stale"]) == (0, 2)
    for path in other.rglob("*.json"):
        values = json.loads(path.read_text())
        path.write_text(json.dumps(values | {"sha256": "0" * 64}))
    assert main(compare) == 1
    _, err = capsys.readouterr()
    assert "results has too; 6 not compared; expected" in err
