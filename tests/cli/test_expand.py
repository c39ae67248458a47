import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.indexing.expansion.generators import make_generator
from tests.teachers import make_teacher

PASSAGES = {"d1": "a dog", "d2": "the tree of a cat", "d3": "paris", "d4": "eat who"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_generator(tmp_path / "t5")
    lines = (json.dumps({"id": d, "contents": c}) for d, c in PASSAGES.items())
    (tmp_path / "c.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def arguments(folder: Path, *words: str | Path) -> list[str]:
    places = {"--collection": "c.jsonl", "--output": "out", "--model": "t5"}
    inputs = [w for key, name in places.items() for w in (key, f"{folder / name}")]
    small = ["--queries", "4", "--max-length", "6", "--device", "cpu"]
    return ["expand", *inputs, *small, *map(str, words)]


def test_the_report_counts_passages_and_queries(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, "--json")) == 0
    report = json.loads(capsys.readouterr().out)
    assert report.pop("passages_per_second") > 0
    assert report == {
        "output": f"{folder / 'out' / 'collection'}",
        "index": None,
        "passages": 4,
        "queries": 16,
        "kept": 16,
        "unexpanded": 0,
        "already": 0,
    }
    assert main(arguments(folder)) == 0
    assert capsys.readouterr().out == (
        f"{folder / 'out' / 'collection'}: 4 passages, 4 of them before; 16 queries "
        "predicted, 16 appended\n"
    )


def test_a_filter_keeps_a_share(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teacher = make_teacher(folder / "bert")
    words = ("--filter-teacher", teacher, "--json")
    assert main(arguments(folder, *words)) == 0
    assert json.loads(capsys.readouterr().out)["kept"] == round(0.3 * 16)
    assert main(arguments(folder, *words, "--keep", "0.75")) == 0
    assert json.loads(capsys.readouterr().out)["kept"] == 12


def test_a_share_without_a_filter_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, "--keep", "0.5")) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line == (
        "tasb expand: --keep is about a filter; expected --filter-teacher beside it"
    )


@pytest.mark.pyserini
def test_an_index_finds_a_passage_by_a_generated_word_that_its_text_lacks(
    folder: Path,
) -> None:
    index = folder / "lucene"
    assert main(arguments(folder, "--index", index)) == 0
    lines = (folder / "out" / "queries" / "00000.jsonl").read_text().splitlines()
    queries = {row["id"]: row["predicted_queries"] for row in map(json.loads, lines)}
    # Lucene leaves "a", "the", "of", "is" out, and stems: take a plain word.
    stems = {"tree", "cat", "dog", "dense", "sparse", "word", "copy", "bark", "paris"}
    docid, word = next(
        (docid, word)
        for docid, of in queries.items()
        for word in " ".join(of).split()
        if word in stems and word not in PASSAGES[docid]
    )
    (folder / "topics.tsv").write_text(f"q\t{word}\n")
    search = ["bm25", "search", "--index", str(index), "--topics"]
    search += [str(folder / "topics.tsv"), "--output", str(folder / "run.txt")]
    assert main(search) == 0
    hits = [line.split()[2] for line in (folder / "run.txt").read_text().splitlines()]
    expected = {
        name
        for name, text in PASSAGES.items()
        if word in f"{text} {' '.join(queries[name])}".split()
    }
    assert set(hits) == expected
    assert docid in hits
