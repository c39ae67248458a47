"""A hard-negative round is the single commands, one after the other."""

import json
import shutil
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.training.pairs.store import open_pairs
from tests.encoders.hub_cache import put_into_cache
from tests.teachers import make_teacher
from tests.training.toy import make_toy, toy_student, write_toy

pytest.importorskip("faiss")

DRAW = ["--depth", "6", "--negatives", "3"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TASB_CACHE", str(tmp_path / "cache"))
    toy = make_toy()
    write_toy(tmp_path, toy)
    toy_student(tmp_path / "student", toy)
    make_teacher(tmp_path / "teacher")
    trained = [qid for qid in toy.queries if qid not in toy.held_out]
    Path("qrels.txt").write_text(
        "".join(f"{qid} 0 {toy.relevant[qid]} 1\n" for qid in trained)
    )
    return tmp_path


def tasb(*words: str) -> int:
    return main([*words, "--device", "cpu"])


def refresh(*words: str) -> int:
    return tasb(
        *("refresh", "--encoder", "tasb:student", "--collection", "collection.jsonl"),
        *("--topics", "topics.tsv", "--qrels", "qrels.txt", "--output", "round"),
        *DRAW,
        *words,
    )


def changed(*names: str) -> list[int]:
    return [(Path("round") / name).stat().st_mtime_ns for name in names]


def test_a_round_equals_the_commands_one_by_one(folder: Path) -> None:
    assert refresh("--teacher", "teacher") == 0

    student = ["--encoder", "tasb:student"]
    tasb("encode", "--corpus", "collection.jsonl", "--embeddings", "E", *student)
    assert main(["index", "--input", "E", "--output", "I"]) == 0
    drawn = [*DRAW, "--with-replacement", "--output", "t.tsv", *student]
    texts = ["--topics", "topics.tsv", "--collection", "collection.jsonl"]
    tasb("mine", "--dense", "I", "--qrels", "qrels.txt", *texts, *drawn)
    scored = ["--teacher", "teacher", "--triples", "t.tsv", "--output", "scored"]
    tasb("score", *scored, *texts)
    for mine, theirs in (
        ("round/index/index", "I/index"),
        ("round/triples.tsv", "t.tsv"),
        ("round/scored/pairs.arrow", "scored/pairs.arrow"),
    ):
        assert Path(mine).read_bytes() == Path(theirs).read_bytes()
    assert len(Path("t.tsv").read_text().splitlines()) == 48 * 3


def test_what_is_whole_is_kept_and_what_is_missing_is_made_again(folder: Path) -> None:
    assert refresh() == 0
    assert not Path("round/scored").exists()
    kept = changed("index/index", "triples.tsv")
    [shard] = Path("round/embeddings").glob("*.npy")

    assert refresh("--teacher", "teacher") == 0
    assert changed("index/index", "triples.tsv") == kept
    pairs = open_pairs(Path("round/scored"))
    assert pairs.pos_score is not None
    assert json.loads(Path("round/refresh.json").read_text())["teacher"]

    triples = Path("round/triples.tsv").read_bytes()
    Path("round/triples.tsv").unlink()
    shutil.rmtree("round/index")
    shard.unlink()
    scored = changed("scored/pairs.arrow")
    assert refresh("--teacher", "teacher") == 0
    assert Path("round/triples.tsv").read_bytes() == triples
    assert changed("scored/pairs.arrow") == scored


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seed", "7"], "holds another round (seed: there 42, now 7)"),
        (["--topics", "no.tsv"], "no.tsv: no such file"),
        (["--encoder", "tasb:other"], "holds another round (encoder: there"),
        (["--teacher", "second"], "holds another round (teacher: there"),
    ],
)
def test_another_round_in_the_same_folder_is_refused(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    message: str,
) -> None:
    toy_student(folder / "other", make_toy(), seed=5)
    make_teacher(folder / "second", labels=2)
    assert refresh("--teacher", "teacher") == 0
    before = changed("index/index", "triples.tsv", "scored/pairs.arrow")

    assert refresh(*words) == 1
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert changed("index/index", "triples.tsv", "scored/pairs.arrow") == before


@pytest.mark.parametrize(
    ("qrels", "words", "message"),
    [
        ("q1 Q0 d1 1 9.0 bm25\n", [], "qrels.txt:1: 6 columns; expected four"),
        ("other 0 d1 1\n", [], "qrels.txt: no positive for any query of topics.tsv"),
        (None, ["--skip", "6"], "skip"),
    ],
)
def test_a_fault_of_the_draw_is_told_before_passages_are_encoded(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    qrels: str | None,
    words: list[str],
    message: str,
) -> None:
    if qrels is not None:
        Path("qrels.txt").write_text(qrels)
    assert refresh(*words) == 1
    [said] = capsys.readouterr().err.splitlines()
    assert message in said
    assert not Path("round").exists()


def test_a_round_of_a_student_on_the_hub_is_known_by_its_weights(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder))
    toy_student(folder / "other", make_toy(), seed=5)
    put_into_cache(folder, "o/one", folder / "student")
    put_into_cache(folder, "o/two", folder / "other")
    assert refresh("--encoder", "tasb:o/one") == 0
    assert refresh("--encoder", "tasb:o/two") == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "holds another round (encoder: there 'sha256:" in said


def test_a_folder_with_other_files_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "round").mkdir()
    (folder / "round" / "notes.txt").write_text("mine")

    assert refresh() == 1
    assert "round: holds other files" in capsys.readouterr().err.splitlines()[-1]


def test_a_draw_that_cannot_be_is_refused_before_anything_is_made(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refresh("--skip", "6") == 1
    assert capsys.readouterr().err.splitlines() == [
        "tasb refresh: skip 6, depth 6: expected 0 ≤ skip < depth"
    ]
    assert not Path("round").exists()


def test_json_has_the_counts_of_what_was_made(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refresh("--json") == 0
    printed = json.loads(capsys.readouterr().out)
    mined = printed.pop("mined")
    assert printed == {"output": "round", "pairs": None}
    assert (mined["queries"], mined["triples"]) == (48, 48 * 3)

    assert refresh("--teacher", "teacher", "--json") == 0
    distinct = len(set(Path("round/triples.tsv").read_text().splitlines()))
    assert json.loads(capsys.readouterr().out) == {
        "output": "round",
        "mined": None,
        "pairs": distinct,
    }
