import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.formats.triples import read_triples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels.txt").write_text("1 0 a 1\n2 0 c 1\n3 0 d 0\n")
    (tmp_path / "run.txt").write_text(
        "1 Q0 a 1 3 x\n1 Q0 b 2 2 x\n1 Q0 c 3 1 x\n3 Q0 a 1 1 x\n"
    )
    return tmp_path


def tasb_mine(folder: Path, *words: str) -> int:
    inputs = ["--run", f"{folder / 'run.txt'}", "--qrels", f"{folder / 'qrels.txt'}"]
    return main(["mine", *inputs, "--output", f"{folder / 'triples.tsv'}", *words])


def test_triples_are_written_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_mine(folder, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "queries": 3,
        "triples": 2,
        "without_positive": 1,
        "not_in_run": 1,
        "without_negative": 0,
    }
    triples = list(read_triples(folder / "triples.tsv"))
    assert triples == [Triple("1", "a", "b"), Triple("1", "a", "c")]


def test_the_report_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_mine(folder, "--negatives", "1", "--skip", "2") == 0
    assert capsys.readouterr().out == (
        f"{folder / 'triples.tsv'}: 1 triples from 3 judged queries; dropped: 1 "
        "without a positive, 1 not in the run, 0 without a negative\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--skip", "3"], "no triples from 3 judged queries"),
        (["--depth", "0"], "skip 0, depth 0: expected 0 ≤ skip < depth"),
    ],
)
def test_an_error_leaves_the_old_triples(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    (folder / "triples.tsv").write_text("old")
    assert tasb_mine(folder, *words) == 1
    assert message in capsys.readouterr().err
    assert (folder / "triples.tsv").read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == [
        "qrels.txt",
        "run.txt",
        "triples.tsv",
    ]
