"""``tasb make-validation``: what is written, printed and refused."""

import argparse
import json
from pathlib import Path

import pytest

from tasb_pyserini.cli import make_validation
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import write_run
from tasb_pyserini.training.validation.candidates import read_validation
from tests.conftest import Collections


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("topics.tsv").write_text("1\tcopy a tree\n2\tdense\n3\tking\n4\tsea\n")
    Path("qrels.txt").write_text("1 0 a 1\n2 0 z 1\n3 0 a 0\n4 0 a 1\n")
    Path("run.txt").write_text(
        "1 Q0 a 1 3 x\n1 Q0 b 2 2 x\n2 Q0 c 1 1 x\n3 Q0 a 1 1 x\n"
    )
    return tmp_path


def tasb_make_validation(*words: str) -> int:
    files = ["--run", "run.txt", "--qrels", "qrels.txt", "--topics", "topics.tsv"]
    parser = argparse.ArgumentParser()
    make_validation.add_arguments(parser)
    return make_validation.run(parser.parse_args([*files, "--output", "V", *words]))


def test_the_folder_is_written_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("test.tsv").write_text("9\tocean\n")
    assert tasb_make_validation("--queries", "5", "--exclude", "test.tsv") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "V: 2 queries of 5 asked for, 4 candidates, baseline nDCG@10 0.5000"
    )
    assert lines[1] == (
        "positives added that the baseline missed: 1; queries dropped: 1 without a "
        "positive, 1 without hits, 0 in test sets"
    )
    rows = [" ".join(line.replace("│", " ").split()) for line in lines]
    assert "0.00 to 0.20 1 1" in rows
    assert "0.20 to 0.40 0 0" in rows
    read = read_validation(Path("V"))
    assert read.candidates == {"1": ["a", "b"], "2": ["c", "z"]}
    assert read.about["exclude"] == ["test.tsv"]


def test_test_queries_among_the_topics_are_left_out_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As MS MARCO's dev queries, of which its dev subset is a part."""
    Path("same.tsv").write_text("2\tother words\n4\tsea\n77\tking\n")
    Path("text.tsv").write_text("9\tCopy  a Tree\n")
    assert tasb_make_validation("--exclude", "same.tsv") == 0
    assert list(read_validation(Path("V")).topics) == ["1"]
    # Queries 3 and 4 were dropped before: no positive, no hits.
    assert "1 without a positive, 1 without hits, 1 in test sets" in " ".join(
        capsys.readouterr().out.split()
    )
    assert tasb_make_validation("--exclude", "text.tsv", "--json") == 0
    assert list(read_validation(Path("V")).topics) == ["2"]
    assert json.loads(capsys.readouterr().out)["dropped"]["in_test_sets"] == 1


def test_json_is_the_description(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_make_validation("--sample", "queries", "--queries", "1", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.pop("output") == "V"
    assert printed == json.loads(Path("V/validation.json").read_text())
    assert printed["queries"] == 1
    assert printed["settings"] == {
        "queries": 1,
        "depth": 100,
        "sample": "queries",
        "seed": 42,
    }


def test_the_same_command_gives_the_same_folder(folder: Path) -> None:
    def written() -> dict[str, bytes]:
        assert tasb_make_validation("--queries", "1", "--seed", "3") == 0
        return {path.name: path.read_bytes() for path in Path("V").iterdir()}

    first = written()
    assert len(first) == 4
    assert written() == first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--exclude", "test.tsv", "same.tsv"],
            "no queries to validate on: all 2 with hits and a positive are in test s",
        ),
        (["--run", "none"], "none: no such file"),
        (["--run", "torn"], "torn:1: 3 columns; expected six"),
        (["--qrels", "torn"], "torn:1: 3 columns; expected four"),
        (
            ["--topics", "other.tsv"],
            "no queries to validate on: of 1, 1 are without h",
        ),
        (["--seed", "-1"], "seed -1: expected at least 0"),
    ],
)
def test_an_error_leaves_what_was_there(
    folder: Path, words: list[str], message: str
) -> None:
    assert tasb_make_validation() == 0
    before = Path("V/candidates.tsv").read_bytes()
    Path("test.tsv").write_text("9\tCopy  a Tree\n3\tking\n")
    Path("same.tsv").write_text("2\tother words\n")
    Path("other.tsv").write_text("7\tking\n")
    Path("torn").write_text("1 Q0 a\n")
    names = sorted(path.name for path in folder.iterdir())
    with pytest.raises(TasbError) as caught:
        tasb_make_validation(*words)
    assert str(caught.value).startswith(message)
    assert Path("V/candidates.tsv").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == names


def test_real_dev_queries_are_distinct_from_the_trec_test_queries(
    collections: Collections, folder: Path
) -> None:
    mini = collections("msmarco-mini")
    qrels = read_qrels(mini / "train.qrels.txt")
    # A baseline that finds a positive of every other query, at rank 2: nDCG@10 0.63,
    # but for two queries with two positives.
    run = {
        qid: {"wrong": 2.0} | (dict.fromkeys(list(grades)[:1], 1.0) if n % 2 else {})
        for n, (qid, grades) in enumerate(qrels.items())
    }
    write_run(Path("real.txt"), run, "baseline")
    words = ["--run", "real.txt", "--qrels", f"{mini / 'train.qrels.txt'}"]
    words += ["--topics", f"{mini / 'train.topics.tsv'}", "--queries", "100"]
    tests = [f"{mini / name}" for name in ("topics.tsv", "dl20.topics.tsv")]
    assert tasb_make_validation(*words, "--exclude", *tests) == 0
    read = read_validation(Path("V"))
    assert [group["taken"] for group in read.about["bins"]][::4] == [20, 20]
    assert sum(group["queries"] for group in read.about["bins"]) == 6_000
    assert 20 <= read.about["positives_added"] <= 22
    with pytest.raises(TasbError, match="all 6,000 with hits and a positive are in t"):
        tasb_make_validation(*words, "--exclude", f"{mini / 'dev.topics.tsv'}")


def test_a_folder_of_other_files_is_refused_before_the_run_is_read(
    folder: Path,
) -> None:
    Path("V").mkdir()
    Path("V/thesis.tex").write_text("years of work")
    with pytest.raises(TasbError) as caught:
        tasb_make_validation("--run", "none")
    assert str(caught.value) == (
        "V: holds files but no validation.json; expected a new or empty folder, or a "
        "validation set to replace"
    )
    assert Path("V/thesis.tex").read_text() == "years of work"
    Path("V/thesis.tex").unlink()
    assert tasb_make_validation() == 0
    assert tasb_make_validation() == 0
