"""Commands that were killed while they wrote, and then run again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main

HANGING = """
import sys, time
from tasb_pyserini.cli.main import main

def hang(event, arguments):
    if event == sys.argv[1] and sys.argv[2] in str(arguments[0]):
        print("writing", flush=True)
        time.sleep(60)

sys.addaudithook(hang)
main(sys.argv[3:])
"""


def kill(event: str, path: str, words: list[str], folder: Path) -> None:
    """Run a command, and kill it when Python says that it is at an event."""
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING, event, path, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "tasb-cache")


def test_mine_removes_what_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("qrels.txt").write_text("1 0 a 1\n")
    Path("run.txt").write_text("1 Q0 b 1 2 x\n")
    words = ["mine", "--run", "run.txt", "--qrels", "qrels.txt", "--output", "t.tsv"]
    kill("os.chmod", ".t.tsv.", words, tmp_path)
    assert len(names(tmp_path)) == 3
    assert main(words) == 0
    assert names(tmp_path) == ["qrels.txt", "run.txt", "t.tsv"]
    assert Path("t.tsv").read_text() == "1\ta\tb\n"


@pytest.mark.pyserini
def test_bm25_index_removes_what_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("corpus.tsv").write_text("a\tcopy a tree\nb\tdense king\n")
    words = ["bm25", "index", "--input", "corpus.tsv", "--index", "I", "--json"]
    kill("open", "00000.jsonl", words, tmp_path)
    assert len(names(tmp_path)) == 3
    assert main(words) == 0
    assert names(tmp_path) == ["I", "corpus.tsv"]
    assert json.loads(capsys.readouterr().out)["passages"] == 2
