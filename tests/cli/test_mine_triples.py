"""``tasb mine --triples``: triples that somebody made become triples by id."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.formats.triples import read_triples
from tests.training.mining.folders import write_folder

IDS = "1\ta\tb\n2\tc\ta\n1\td\tc\n1\ta\td\n"
TEXTS = "a tree\tOne text\tother\na king\tother\tOne text\na tree\tone  TEXT\tmore\n"
FILES = {
    "ids.tsv": IDS,
    "texts.tsv": TEXTS,
    "topics.tsv": "1\ta tree\n2\ta king\n",
    "corpus.tsv": "a\tOne text\nb\tone  TEXT\nc\tother\nd\tmore\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_text(content)
    return tmp_path


def tasb_mine(*words: str, output: str = "triples.tsv") -> int:
    return main(["mine", "--triples", *words, "--output", output, "--json"])


def test_triples_by_id_lose_negatives_that_are_positives_of_their_query(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_mine("ids.tsv") == 0
    assert Path("triples.tsv").read_text() == "1\ta\tb\n2\tc\ta\n1\td\tc\n"
    report = json.loads(capsys.readouterr().out)
    assert (report["queries"], report["triples"]) == (2, 3)
    assert (report["judged_relevant"], report["same_text"]) == (1, None)


def test_with_a_collection_they_are_compared_by_text_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--topics", "topics.tsv", "--collection", "corpus.tsv"]
    assert tasb_mine("ids.tsv", *words) == 0
    assert Path("triples.tsv").read_text() == "2\tc\ta\n1\td\tc\n"
    report = json.loads(capsys.readouterr().out)
    assert (report["judged_relevant"], report["same_text"]) == (1, 1)


def test_triples_by_text_get_the_ids_of_topics_and_collection(folder: Path) -> None:
    words = ["--topics", "topics.tsv", "--collection", "corpus.tsv"]
    assert tasb_mine("texts.tsv", *words) == 0
    assert Path("triples.tsv").read_text() == "1\ta\tc\n2\tc\ta\n1\tb\td\n"


def test_or_make_a_collection_of_their_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_mine("texts.tsv", "--texts", "D", output="D/triples.tsv.gz") == 0
    lines = [(t.qid, t.pos, t.neg) for t in read_triples(Path("D/triples.tsv.gz"))]
    assert lines == [("q1", "p1", "p2"), ("q2", "p2", "p1"), ("q1", "p3", "p4")]
    assert read_topics(Path("D/topics.tsv")) == {"q1": "a tree", "q2": "a king"}
    assert {p.docid: p.contents for p in read_collection(Path("D"))} == {
        "p1": "One text",
        "p2": "other",
        "p3": "one TEXT",
        "p4": "more",
    }
    assert json.loads(capsys.readouterr().out)["same_text"] == 0


def test_the_same_triples_make_their_collection_again(folder: Path) -> None:
    made = []
    for name in ("texts.tsv", f"{folder / 'texts.tsv'}"):
        assert tasb_mine(name, "--texts", "D") == 0
        made.append(
            [Path(f"D/{n}").read_bytes() for n in ("corpus.jsonl", "topics.tsv")]
        )
    assert made[0] == made[1]
    Path("other.tsv").write_text("a queen\tother\tmore\n")
    assert tasb_mine("other.tsv", "--texts", "D") == 1
    kept = [Path(f"D/{name}").read_bytes() for name in ("corpus.jsonl", "topics.tsv")]
    assert kept == made[0]


@pytest.mark.parametrize("name", ["corpus.jsonl", "topics.tsv"])
def test_a_collection_of_somebody_elses_is_not_written_over(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    Path("D").mkdir()
    (Path("D") / name).write_text("mine")
    assert tasb_mine("texts.tsv", "--texts", "D") == 1
    assert capsys.readouterr().err == (
        f"tasb mine: D/{name}: not of 'tasb mine --texts', which would write over it; "
        "expected a folder without one\n"
    )
    assert [(path.name, path.read_text()) for path in Path("D").iterdir()] == [
        (name, "mine")
    ]


def test_a_data_set_gives_what_its_table_gives(folder: Path) -> None:
    rows = [line.split("\t") for line in TEXTS.splitlines()]
    columns = ("query", "positive", "negative")
    write_folder("D", [dict(zip(columns, row, strict=True)) for row in rows], "parquet")
    assert tasb_mine("D", "--texts", "from-data") == 0
    from_data = Path("triples.tsv").read_bytes()
    assert tasb_mine("texts.tsv", "--texts", "from-table") == 0
    assert Path("triples.tsv").read_bytes() == from_data
    for name in ("corpus.jsonl", "topics.tsv"):
        made = (Path(folder) / name for folder in ("from-data", "from-table"))
        assert len({path.read_bytes() for path in made}) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("texts.tsv", "texts.tsv: triples by text; expected --collection and --topics"),
        ("ids.tsv --texts D", "ids.tsv: triples by id; --texts is for triples by te"),
        ("ids.tsv --topics one.tsv", "ids.tsv:2: unknown qid '2'; expected one of t"),
        ("ids.tsv --collection less.tsv", "ids.tsv:2: unknown docid 'c'; expected one"),
        ("short.tsv --texts E", "short.tsv:2: 2 columns; expected three texts"),
        ("short.tsv --topics topics.tsv --collection corpus.tsv", "short.tsv:2: 2 col"),
        ("texts.tsv --topics one.tsv --collection corpus.tsv", "texts.tsv:2: unknown "),
        ("texts.tsv --topics topics.tsv --collection less.tsv", "texts.tsv:1: unknown"),
        ("same.tsv", "no triples from 1 queries: 0 without a positive"),
    ],
)
def test_an_error_is_one_line_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    Path("triples.tsv").write_text("old")
    Path("D").mkdir()
    Path("E").mkdir()
    Path("D/corpus.jsonl").write_text("old")
    Path("one.tsv").write_text("1\ta tree\n")
    Path("less.tsv").write_text("a\tOne text\nb\tone  TEXT\n")
    Path("short.tsv").write_text("a tree\tother\tmore\na tree\tother\n")
    Path("same.tsv").write_text("1\ta\ta\n")
    before = sorted(folder.rglob("*"))
    assert tasb_mine(*words.split()) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"tasb mine: {message}")
    assert sorted(folder.rglob("*")) == before
    assert (
        Path("triples.tsv").read_text() == Path("D/corpus.jsonl").read_text() == "old"
    )
