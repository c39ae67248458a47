import json
from collections.abc import Callable
from pathlib import Path

import pytest
from datasets import Dataset

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.search.rerank.duot5 import DuoT5
from tasb_pyserini.search.rerank.monot5 import MonoT5
from tests.search.rerank.models import PASSAGES, RUN, TOPICS, make_t5, write_inputs
from tests.search.rerank.stages import rerank
from tests.teachers import make_teacher


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_t5(folder / "mono")
    make_t5(folder / "duo", seed=1)
    make_teacher(folder / "cat")
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_inputs(tmp_path)
    return tmp_path


def tasb_rerank(
    *words: str | Path, texts: tuple[str, str] = ("--collection", "collection.tsv")
) -> int:
    inputs = ["--run", "run.txt", "--topics", "topics.tsv", "--output", "new.txt"]
    return main(["rerank", *inputs, *texts, "--device", "cpu", *map(str, words)])


def test_mono_and_duo_in_one_command(
    folder: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words: list[str | Path] = ["--monot5", models / "mono", "--duot5", models / "duo"]
    depths = ["--depth", "4", "--duo-depth", "3"]
    assert tasb_rerank(*words, *depths, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    for stage in report["stages"]:
        assert stage.pop("inputs_per_second") > 0
    assert report == {
        "output": "new.txt",
        "queries": 3,
        "stages": [
            {"stage": "monot5-4", "inputs": 8, "already": 0},
            {"stage": "duot5-3", "inputs": 12, "already": 0},
        ],
    }
    mono = MonoT5.load(str(models / "mono"), device="cpu")
    duo = DuoT5.load(str(models / "duo"), device="cpu")
    first = rerank(RUN, TOPICS, PASSAGES, mono, 4)
    expected = rerank(first, TOPICS, PASSAGES, duo, 3)
    found = read_run(folder / "new.txt")
    for qid, hits in expected.items():
        assert list(found[qid]) == list(hits)
        assert found[qid] == pytest.approx(hits, abs=1e-5)
    assert list(expected["q1"])[3:] == list(first["q1"])[3:]
    assert list(first["q1"])[4:] == list(RUN["q1"])[4:]
    tags = {line.split()[-1] for line in Path("new.txt").read_text().splitlines()}
    assert tags == {"monot5-4.duot5-3"}
    assert not Path("new.txt.work").exists()


@pytest.mark.parametrize(
    ("words", "tag", "pairs"),
    [
        (["--duot5", "duo", "--duo-depth", "2"], "duot5-2", 4),
        (["--cat", "cat"], "cat-1000", 9),
        (["--cat", "cat", "--duot5", "duo"], "cat-1000.duot5-50", 9),
    ],
)
def test_each_model_alone_and_the_cross_encoder(
    folder: Path,
    models: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    tag: str,
    pairs: int,
) -> None:
    given = [models / word if (models / word).exists() else word for word in words]
    assert tasb_rerank(*given) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "new.txt: 3 queries"
    assert second.startswith(f"{tag.partition('.')[0]}: {pairs} pairs scored, ")
    lines = Path("new.txt").read_text().splitlines()
    assert len(lines) == sum(map(len, RUN.values()))
    assert {line.split()[-1] for line in lines} == {tag}


def test_two_runs_are_equal_byte_for_byte(folder: Path, models: Path) -> None:
    contents = []
    for _ in range(2):
        assert tasb_rerank("--monot5", models / "mono", "--duot5", models / "duo") == 0
        contents.append(Path("new.txt").read_bytes())
    assert contents[0] == contents[1]


def test_texts_of_a_data_set_are_as_good(folder: Path, models: Path) -> None:
    columns = {"docid": [*PASSAGES], "contents": [*PASSAGES.values()]}
    Dataset.from_dict(columns).save_to_disk(folder / "saved")
    contents = []
    for texts in (("--collection", "collection.tsv"), ("--dataset", "saved")):
        assert tasb_rerank("--cat", models / "cat", texts=texts) == 0
        contents.append(Path("new.txt").read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.pyserini
def test_texts_of_a_lucene_index_are_as_good(folder: Path, models: Path) -> None:
    pytest.importorskip("pyserini")
    index = str(folder / "L")
    assert main(["bm25", "index", "--input", "collection.tsv", "--index", index]) == 0
    contents = []
    for texts in (("--collection", "collection.tsv"), ("--index", index)):
        assert tasb_rerank("--cat", models / "cat", texts=texts) == 0
        contents.append(Path("new.txt").read_bytes())
    assert contents[0] == contents[1]


def test_topics_without_hits_are_counted(
    folder: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("topics.tsv").open("a") as file:
        file.write("q8\tmore\nq9\tand more\n")
    assert tasb_rerank("--cat", models / "cat") == 0
    note = "tasb rerank: 2 of 5 topics have no hits in the run and get none\n"
    assert capsys.readouterr().err.startswith(note)


def write(name: str, text: str) -> Callable[[], object]:
    return lambda: Path(name).write_text(text)


BAD = {
    "no model": ((), print, "no model; expected --cat, --monot5 or --duot5"),
    "no folder": (("--monot5", "no where"), print, "'no where': no such folder"),
    "no T5": (("--monot5", "CAT"), print, "a model of type 'bert'; expected a seq"),
    "no cross-encoder": (("--cat", "."), print, "no tokenizer"),
    "bad second stage": (
        ("--cat", "CAT", "--duot5", "."),
        print,
        "no config.json; expected a sequence-to-sequence",
    ),
    "empty run": (("--cat", "CAT"), write("run.txt", ""), "run.txt: no hits; expected"),
    "unknown query": (
        ("--cat", "CAT"),
        write("topics.tsv", "q1\tone\n"),
        "query q2 of the run (2 in all) is not in the topics",
    ),
    "missing passage": (
        ("--cat", "CAT"),
        write("collection.tsv", "d1\tone\n"),
        "collection.tsv: no text of docid d5 (4 of 5 to rerank are without)",
    ),
    "output is a folder": (
        ("--cat", "CAT"),
        lambda: Path("new.txt").mkdir(),
        "new.txt: is a folder; expected the name of a file to write",
    ),
}


@pytest.mark.parametrize(("words", "change", "message"), BAD.values(), ids=BAD)
def test_a_bad_input_is_one_line_and_nothing_is_written(
    folder: Path,
    models: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    change: Callable[[], object],
    message: str,
) -> None:
    change()
    before = sorted(folder.rglob("*"))
    capsys.readouterr()
    given = [models / "cat" if word == "CAT" else word for word in words]
    assert tasb_rerank(*given) == 1
    lines = capsys.readouterr().err.splitlines()
    [line] = [line for line in lines if line.startswith("tasb rerank: ")]
    assert lines[-1] == line
    assert "Traceback" not in "".join(lines)
    assert message in line
    assert sorted(folder.rglob("*")) == before
