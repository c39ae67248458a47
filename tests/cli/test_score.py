import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.training.pairs.store import open_pairs
from tests.teachers import make_teacher, write_inputs

TRIPLES = [("q1", "d3", "d4"), ("q1", "d4", "d3"), ("q2", "d1", "d1")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_inputs(tmp_path, TRIPLES)
    make_teacher(tmp_path / "teacher")
    monkeypatch.setenv("TASB_CACHE", str(tmp_path / "cache"))
    return tmp_path


def tasb_score(folder: Path, *words: str, source: str = "--triples") -> int:
    name = "triples.tsv" if source == "--triples" else "scored"
    places = {
        "--teacher": "teacher",
        source: name,
        "--collection": "collection.tsv",
        "--topics": "topics.tsv",
        "--output": "scored",
    }
    inputs = [
        word for key, path in places.items() for word in (key, f"{folder / path}")
    ]
    return main(["score", *inputs, "--device", "cpu", *words])


def test_pairs_are_scored_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_score(folder, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report.pop("pairs_per_second") > 0
    assert report == {
        "output": f"{folder / 'scored'}",
        "pairs": 3,
        "distinct": 3,
        "already": 0,
        "negative_margins": pytest.approx(1 / 3),
    }
    assert open_pairs(folder / "scored").pos_score is not None


def test_the_report_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_score(folder) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(
        f"{folder / 'scored'}: 3 pairs; 3 distinct (query, passage) scored, "
    )
    assert printed.endswith(" a second; 33.3% of margins negative\n")


def test_a_scored_folder_can_be_scored_anew_in_bf16(folder: Path) -> None:
    tasb_score(folder)
    before = (folder / "scored" / "pairs.arrow").read_bytes()
    assert tasb_score(folder, "--precision", "bf16", source="--pairs") == 0
    assert (folder / "scored" / "pairs.arrow").read_bytes() != before


def test_finished_work_is_left_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasb_score(folder)
    before = (folder / "scored" / "pairs.arrow").stat()
    capsys.readouterr()
    assert tasb_score(folder) == 0
    assert capsys.readouterr().out == f"{folder / 'scored'}: 3 pairs, already there\n"
    assert tasb_score(folder, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["pairs"], report["distinct"], report["already"]) == (3, 3, 3)
    assert report["negative_margins"] == pytest.approx(1 / 3)
    after = (folder / "scored" / "pairs.arrow").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_scores_of_other_work_are_not_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasb_score(folder)
    before = (folder / "scored" / "pairs.arrow").read_bytes()
    capsys.readouterr()
    other = make_teacher(folder / "other", labels=2)
    assert tasb_score(folder, "--teacher", str(other)) == 1
    [line] = capsys.readouterr().err.splitlines()[-1:]
    begin = f"tasb score: {folder / 'scored'}: holds the outcome of other work (weights"
    assert line.startswith(begin)
    assert tasb_score(folder, "--precision", "bf16") == 1
    topics = folder / "topics.tsv"
    topics.write_text(topics.read_text() + "q9\tone more\n")
    assert tasb_score(folder) == 1
    assert "other work (texts: there" in capsys.readouterr().err
    assert (folder / "scored" / "pairs.arrow").read_bytes() == before
    assert not (folder / "scored.scoring").exists()


def test_a_bad_teacher_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "teacher" / "config.json").unlink()
    assert tasb_score(folder) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line == (
        f"tasb score: {folder / 'teacher'}: no config.json; expected a "
        "sequence-classification checkpoint"
    )
