"""What a quickstart left is read from anywhere, and wherever it is moved."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.cli.quickstart import next_commands
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.quickstart.outcome import OUTCOME_FILE, Outcome, SystemResult
from tasb_pyserini.quickstart.work import begin
from tests.checkpoints import make_checkpoint
from tests.quickstart.small import PASSAGES, write_collection

OUTCOME = Outcome(
    collection="my data",
    lucene_index="my out/lucene",
    faiss_index="my out/faiss",
    encoder="tasb:int8:my out/student/checkpoint",
    alpha=0.5,
    passages=3,
    queries=2,
    results=[
        SystemResult(
            system="BM25", run="my out/run.bm25.txt", measures={}, ms_per_query=1.0
        )
    ],
)


def test_paths_within_are_relative_and_others_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    checkpoint = Path("my out/student/checkpoint")
    checkpoint.mkdir(parents=True)
    OUTCOME.write(Path("my out"))
    kept = json.loads((tmp_path / "my out" / OUTCOME_FILE).read_text())
    assert kept["collection"] == str(tmp_path / "my data")
    assert kept["lucene_index"] == "lucene"
    assert kept["faiss_index"] == "faiss"
    assert kept["encoder"] == "tasb:int8:student/checkpoint"
    assert kept["results"][0]["run"] == "run.bm25.txt"

    absolute = replace(OUTCOME, collection=str(tmp_path / "my data"))
    assert Outcome.read(Path("my out")) == absolute
    (tmp_path / "my out").rename(tmp_path / "moved")
    found = Outcome.read(tmp_path / "moved")
    assert found.encoder == f"tasb:int8:{tmp_path}/moved/student/checkpoint"
    assert found.faiss_index == str(tmp_path / "moved" / "faiss")


@pytest.mark.parametrize("encoder", ["tasb", "tasb:int8", "tasb:owner/name"])
def test_names_of_no_folder_are_kept(encoder: str, tmp_path: Path) -> None:
    replace(OUTCOME, encoder=encoder).write(tmp_path)
    assert Outcome.read(tmp_path).encoder == encoder


@pytest.mark.parametrize(
    "damage", [{"encoder": 5}, {"results": None}, {"results": [[]]}, {"faiss_index": 1}]
)
def test_a_value_of_another_kind_is_one_line(
    tmp_path: Path, damage: dict[str, object]
) -> None:
    OUTCOME.write(tmp_path)
    path = tmp_path / OUTCOME_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    with pytest.raises(InputError, match=r"quickstart\.json: damaged; .*; run 'tasb "):
        Outcome.read(tmp_path)


@pytest.mark.pyserini
def test_it_is_asked_after_a_move(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("faiss")
    collection = write_collection(tmp_path / "data")
    output = tmp_path / "out"
    begin(collection, output, "tasb")  # so that the folder is a quickstart's
    encoder = f"tasb:{make_checkpoint(output / 'model')}"
    words = ["quickstart", "--collection", str(collection), "--encoder", encoder]
    assert main([*words, "--output", str(output)]) == 0
    output.rename(tmp_path / "moved")
    capsys.readouterr()
    assert main(["ask", "cake", "--output", str(tmp_path / "moved"), "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)
    assert {answer["docid"] for answer in answers} == set(PASSAGES)


def test_suggested_commands_are_one_command_each_whatever_the_paths() -> None:
    lines = next_commands(OUTCOME, Path("my out")).replace("\\\n", " ").splitlines()
    ask, search, another = (
        shlex.split(line) for line in lines if line.startswith("  ")
    )
    assert ask[1:] == [
        "ask", "how do I split a string at commas", "--output", "my out"
    ]  # fmt: skip
    assert search[1:] == [
        "-m", "pyserini.search.faiss", "--index", "my out/faiss",
        "--topics", "my data/topics.tsv",
        "--encoder", "tasb:int8:my out/student/checkpoint",
        "--output", "my out/run.pyserini.txt",
    ]  # fmt: skip
    # Another collection needs another output.
    assert another[1] == "quickstart"
    assert another[another.index("--output") + 1] != "my out"
