"""The command is quick to start and ends every mistake in one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import COMMANDS, main

INTERRUPTED = """
import signal
import sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "tasb_pyserini.cli.train":
            signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
from tasb_pyserini.cli.main import main
sys.exit(main(["train", "--help"]))
"""

HEAVY = {"torch", "numpy", "jnius", "pyserini", "transformers", "faiss", "pandas"}


@pytest.mark.parametrize(
    "program",
    [
        "import tasb_pyserini",
        "from tasb_pyserini.cli.main import main; main(['--help'])",
        "from tasb_pyserini.cli.main import main; main(['--version'])",
    ],
)
def test_import_and_help_pull_in_nothing_heavy(program: str) -> None:
    code = (
        "import sys\n"
        f"try:\n    {program.replace('; ', chr(10) + '    ')}\n"
        "except SystemExit:\n    pass\n"
        f"print('LOADED', sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_its_arguments(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"usage: tasb {command}" in told
    for nothing in ("None", "False", "[]", "()", "==SUPPRESS=="):
        assert f"(default: {nothing})" not in told
    assert not re.search(r"\(default: [\[(]", told)
    assert not re.search(r"\(default: [^()]*\) \(default: ", told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("bm25 index", "Build a Lucene index of a collection. options:"),
        ("eval", "(default: nDCG@10 RR@10 R@100 R@1000 MAP)"),
        ("mine", "top ranks to take no negatives from (default: 0)"),
        (
            "train",
            "tas-balanced, tct-colbert, tct-colbert-hn, tct-colbert-hn-plus, or a",
        ),
        ("train-teacher", "--recipe NAME|FILE tct-teacher, teacher, or a YAML file"),
    ],
)
def test_help_says_what_a_step_does_and_all_defaults(
    words: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*words.split(), "--help"])
    assert told in " ".join(capsys.readouterr().out.split())


def test_a_mistake_is_one_line_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ["eval", str(tmp_path / "no.run"), "--qrels", str(tmp_path / "no.qrels")]
    assert main(run) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"tasb eval: {tmp_path / 'no.qrels'}: no such file\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("pipeline nope.yaml --output o", "No such file or directory; expected a file"),
        ("pipeline folder --output o", "Is a directory; expected a file, not a folder"),
        ("regress list --specs specs", "Is a directory; expected a file, not a folder"),
        (
            "hybrid --tuned nope.json --index x --sparse-index y --topics t --output o",
            "nope.json: no such file; expected tuned parameters; write it with "
            "'tasb tune'",
        ),
    ],
)
def test_a_path_of_nothing_or_of_a_folder_says_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("folder", "specs/x.yaml"):
        Path(folder).mkdir(parents=True)
    assert main(command.split()) == 1
    assert message in capsys.readouterr().err


def test_an_empty_question_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", " "]) == 1
    told = "tasb ask: the question is empty; expected some words\n"
    assert capsys.readouterr().err == told


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such file"):
        main(["eval", str(tmp_path / "r"), "--qrels", str(tmp_path / "q"), "--debug"])


def test_debug_may_stand_after_a_step(tmp_path: Path) -> None:
    words = ["bm25", "index", "--input", str(tmp_path / "no"), "--index", "lucene"]
    with pytest.raises(ValueError, match="no"):
        main([*words, "--debug"])


def test_an_interrupt_while_modules_are_imported_is_one_line_and_status_130() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True
    )
    assert (done.stderr, done.returncode) == ("tasb train: interrupted\n", 130)


def test_a_wrong_word_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serach"])
    assert ended.value.code == 2
    assert "invalid choice: 'serach'" in capsys.readouterr().err


@pytest.mark.parametrize("queries", [2, 20_000])
def test_a_reader_that_ends_early_is_no_error(tmp_path: Path, queries: int) -> None:
    qrels, run = tmp_path / "qrels.txt", tmp_path / "run.txt"
    qrels.write_text("".join(f"{qid} 0 a 1\n" for qid in range(queries)))
    run.write_text("".join(f"{qid} Q0 a 1 1 x\n" for qid in range(queries)))
    words = ["eval", str(run), "--qrels", str(qrels), "--json", "--per-query"]
    command = [sys.executable, "-m", "tasb_pyserini", *words]
    reader, writer = os.pipe()
    os.close(reader)
    tasb = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (tasb.returncode, tasb.stderr) == (141, b"")
