"""``tasb mine --run``: what is written, printed and refused."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.formats.triples import read_triples
from tests.conftest import Pipes


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("qrels.txt").write_text("1 0 a 1\n2 0 c 1\n3 0 d 0\n")
    Path("run.txt").write_text(
        "1 Q0 a 1 3 x\n1 Q0 b 2 2 x\n1 Q0 c 3 1 x\n3 Q0 a 1 1 x\n"
    )
    Path("topics.tsv").write_text("1\tcopy a tree\n2\tdense\n3\tking\n")
    Path("corpus.tsv").write_text("a\tOne text\nb\tone  TEXT\nc\tother\nd\tmore\n")
    return tmp_path


RUN = ["--run", "run.txt", "--qrels", "qrels.txt"]


def tasb_mine(*words: str) -> int:
    return main(["mine", *words, "--output", "triples.tsv"])


def test_triples_are_written_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_mine(*RUN, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "output": "triples.tsv",
        "queries": 3,
        "triples": 2,
        "without_positive": 1,
        "not_in_topics": 0,
        "not_in_run": 1,
        "without_negative": 0,
        "distinct_positives": 1,
        "distinct_negatives": 2,
        "judged_relevant": 1,
        "same_text": None,
        "first_dropped": {"without_positive": "3", "not_in_run": "2"},
    }
    triples = list(read_triples(Path("triples.tsv")))
    assert triples == [Triple("1", "a", "b"), Triple("1", "a", "c")]


def test_hits_from_a_pipe_are_mined_once_or_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], piped: Pipes
) -> None:
    run, qrels = Path("run.txt"), Path("qrels.txt")
    assert tasb_mine(*RUN) == 0
    expected = Path("triples.tsv").read_text()
    assert tasb_mine("--run", f"{piped(run)}", "--qrels", f"{piped(qrels)}") == 0
    assert Path("triples.tsv").read_text() == expected
    run.write_text(run.read_text() + "1 Q0 d 4 0.5 x\n")  # apart from those before
    capsys.readouterr()
    assert tasb_mine("--run", f"{piped(run)}", "--qrels", "qrels.txt") == 1
    assert "a pipe, already read" in capsys.readouterr().err
    assert Path("triples.tsv").read_text() == expected


def test_the_table_names_the_first_dropped_query_and_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert tasb_mine(*RUN) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "triples.tsv: 2 triples from 3 queries"
    rows = [" ".join(line.strip("│").replace("│", " ").split()) for line in lines]
    assert "dropped: without a positive 1 first: 3 qrels.txt:3" in rows
    assert "dropped: without hits 1 first: 2 qrels.txt:2" in rows
    assert "dropped: not in the topics 0" in rows
    assert "distinct negatives 2" in rows
    assert "left out: text of a positive not checked (give --collection)" in rows


def test_a_collection_finds_negatives_with_the_text_of_a_positive(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_mine(*RUN, "--collection", "corpus.tsv", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["triples"], report["same_text"]) == (1, 1)
    assert list(read_triples(Path("triples.tsv"))) == [Triple("1", "a", "c")]
    assert tasb_mine(*RUN, "--collection", "corpus.tsv") == 0
    assert "1" in capsys.readouterr().out.splitlines()[-2].split("│")[2]


def test_queries_that_are_not_in_the_topics_are_dropped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("topics.tsv").write_text("1\tcopy\n")
    assert tasb_mine(*RUN, "--topics", "topics.tsv", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["not_in_topics"], report["not_in_run"]) == (1, 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*RUN, "--skip", "3"], "no triples from 3 queries"),
        ([*RUN, "--depth", "0"], "skip 0, depth 0: expected 0 ≤ skip < depth"),
        (["--run", "none", "--qrels", "qrels.txt"], "none: no such file"),
        (["--run", "torn", "--qrels", "qrels.txt"], "torn:2: 3 columns; expected six"),
        (["--run", "run.txt", "--qrels", "torn"], "torn:1: 6 columns; expected four"),
        ([*RUN, "--collection", "half.tsv"], "qrels.txt:1: unknown docid 'a'; exp"),
        ([*RUN, "--collection", "less.tsv"], "run.txt:2: unknown docid 'b'; expect"),
        ([*RUN, "--collection", "twice.tsv"], "twice.tsv:2: id a again, first at tw"),
    ],
)
def test_an_error_is_one_line_and_leaves_the_old_triples(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    Path("triples.tsv").write_text("old")
    Path("torn").write_text("1 Q0 a 1 3 x\n1 Q0 b\n")
    Path("half.tsv").write_text("b\tone\nc\ttwo\n")
    Path("less.tsv").write_text("a\tzero\nc\tone\n")
    Path("twice.tsv").write_text("a\tzero\na\tone\n")
    before = sorted(path.name for path in folder.iterdir())
    assert tasb_mine(*words) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"tasb mine: {message}")
    assert Path("triples.tsv").read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--run r", "--run: --qrels is missing; expected --qrels"),
        ("--bm25 I --qrels q", "--bm25: --topics is missing; expected --qrels and --t"),
        ("--dense I --qrels q --topics t", "--dense: --encoder is missing; expected "),
        ("--triples t --qrels q", "--qrels: goes with --run or --bm25 or --dense, not"),
        ("--triples t --depth 9", "--depth: goes with --run or --bm25 or --dense, n"),
        ("--triples t --with-replacement", "--with-replacement: goes with --run or "),
        ("--run r --qrels q --encoder e", "--encoder: goes with --dense, not with --r"),
        ("--dense I --qrels q --topics t --encoder e --k1 1", "--k1: goes with --bm25"),
        ("--run r --qrels q --texts D", "--texts: goes with --triples, not with --run"),
        ("--triples t --texts D --topics t", "--texts: makes a collection and topics"),
    ],
)
def test_arguments_that_do_not_go_together_are_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    assert tasb_mine(*words.split()) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tasb mine: {message}")
    assert not Path("triples.tsv").exists()


@pytest.mark.parametrize("words", ["", "--run r --bm25 I", "--dense I --triples t"])
def test_there_is_exactly_one_source(
    folder: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        tasb_mine(*words.split())
    assert caught.value.code == 2
    assert "--run" in capsys.readouterr().err
