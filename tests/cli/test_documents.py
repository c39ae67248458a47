import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.runs import read_run

RUN = """q Q0 D1#1 1 3.0 dense
q Q0 D2#0 2 2.0 dense
q Q0 D1#0 3 1.0 dense
"""


def tasb(*words: str | Path) -> int:
    return main(["documents", *map(str, words)])


@pytest.mark.parametrize(
    ("method", "expected"),
    [("maxp", {"D1": 3.0, "D2": 2.0}), ("firstp", {"D2": 2.0, "D1": 1.0})],
)
def test_a_run_of_passages_becomes_one_of_documents(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    method: str,
    expected: dict[str, float],
) -> None:
    source, output = tmp_path / "p.txt", tmp_path / "d.txt"
    source.write_text(RUN)
    words = ("aggregate", "--run", source, "--output", output, "--method", method)
    assert tasb(*words, "--json") == 0
    report = {"output": str(output), "queries": 1, "documents": 2}
    assert json.loads(capsys.readouterr().out) == report
    run = read_run(output)
    assert run == {"q": expected}
    assert list(run["q"]) == list(expected)
    assert tasb(*words, "--max-passage-hits", "1") == 0
    assert capsys.readouterr().out == f"{output}: 1 queries, 1 documents\n"


def test_documents_are_split(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = tmp_path / "d.tsv", tmp_path / "p.jsonl"
    source.write_text("D1\ta b c d\n")
    words = ("split", "--collection", source, "--output", output, "--unit", "words")
    assert tasb(*words, "--window", "3", "--stride", "2") == 0
    assert capsys.readouterr().out == f"{output}: 1 documents, 2 passages\n"
    lines = [json.loads(line)["contents"] for line in output.open()]
    assert lines == ["a b c", "c d"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--stride", "11"),
            "--stride 11 would lose text; expected at most --window 10",
        ),
        (("--title-lines", "-1"), "--title-lines -1: expected 0 or more"),
        (("--max-passage-delimiter", ""), "--max-passage-delimiter is empty"),
    ],
)
def test_settings_that_make_no_sense_are_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, str],
    message: str,
) -> None:
    output = tmp_path / "p.jsonl"
    place = ("--collection", tmp_path / "d.tsv", "--output", output)
    assert tasb("split", *place, *words) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tasb documents: {message}")


def test_a_run_of_documents_is_not_aggregated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "p.txt"
    source.write_text("q Q0 D1 1 3.0 dense\n")
    assert tasb("aggregate", "--run", source, "--output", tmp_path / "d.txt") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "docid 'D1': no '#' in it" in line
    assert not (tmp_path / "d.txt").exists()


def test_a_run_without_hits_is_not_aggregated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "p.txt"
    source.write_text("")
    assert tasb("aggregate", "--run", source, "--output", tmp_path / "d.txt") == 1
    assert capsys.readouterr().err == (
        f"tasb documents: {source}: no hits; expected a run in the format of TREC\n"
    )
    assert not (tmp_path / "d.txt").exists()


def test_reciprocal_ranks_of_passages_stay_apart(tmp_path: Path) -> None:
    source, output = tmp_path / "p.txt", tmp_path / "d.txt"
    near = ("0.000983606557", "0.000983606000")
    source.write_text(
        "".join(f"q Q0 D{n}#0 {n + 1} {score} rrf\n" for n, score in enumerate(near))
    )
    assert tasb("aggregate", "--run", source, "--output", output) == 0
    assert list(read_run(output)["q"]) == ["D0", "D1"]
