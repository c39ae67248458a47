"""Commands of training take topics by a name of the catalogue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.prebuilt.entries import entry, remote, write_catalog
from tests.prebuilt.server import serving
from tests.teachers import make_teacher
from tests.training.toy import make_toy, toy_student, write_toy


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The toy collection, its topics on a server alone, as ``mine``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))
    toy = make_toy()
    write_toy(tmp_path, toy)
    topics = (tmp_path / "topics.tsv").read_bytes()
    (tmp_path / "topics.tsv").unlink()
    Path("qrels.txt").write_text(
        "".join(f"{qid} 0 {docid} 1\n" for qid, docid in toy.relevant.items())
    )
    with serving({}) as server:
        named = entry("mine", "topics", remote(server, "mine.tsv", topics))
        catalog = write_catalog(tmp_path / "catalog.json", named)
        monkeypatch.setenv("TASB_CATALOG", str(catalog))
        yield tmp_path


def test_scoring_pairs_and_batches_take_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_teacher(folder / "teacher")
    given = ["--triples", "triples.tsv", "--topics", "mine"]
    assert main(["pairs", "import", *given, "--output", "pairs"]) == 0
    words = ["--collection", "collection.jsonl", "--device", "cpu"]
    words += ["--teacher", "teacher", "--output", "scored"]
    assert main(["score", *given, *words]) == 0
    capsys.readouterr()
    words = ["--pairs", "scored", "--topics", "mine", "--show", "1", "--batches", "1"]
    assert main(["batches", *words, "--strategy", "random"]) == 0
    shown = capsys.readouterr().out
    assert any(f"{qid} {query}" in shown for qid, query in make_toy().queries.items())


def test_training_and_refreshing_take_it(folder: Path) -> None:
    toy_student(folder / "student", make_toy())
    words = ["--collection", "collection.jsonl", "--topics", "mine", "--device", "cpu"]
    training = ["--triples", "triples.tsv", "--init", "student", "--output", "trained"]
    steps = ["--steps", "2", "--batch-size", "4"]
    assert main(["train", *words, *training, *steps]) == 0
    pytest.importorskip("faiss")
    mining = ["--qrels", "qrels.txt", "--encoder", "tasb:student", "--output", "round"]
    assert main(["refresh", *words, *mining, "--depth", "6", "--negatives", "3"]) == 0
    assert Path("round/triples.tsv").stat().st_size > 0


def test_a_name_that_nobody_has_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--triples", "triples.tsv", "--topics", "my"]
    assert main(["pairs", "import", *given, "--output", "pairs"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("tasb pairs: ")
    assert "unknown prebuilt name 'my'" in line
