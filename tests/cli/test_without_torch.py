"""PyTorch is not loaded for help, nor on a CPU once the encoder is exported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.bindings.conftest import PASSAGES, QUERIES
from tests.encoders.models import make_model

faiss = pytest.importorskip("faiss")

RUNNING = """
import sys
from tasb_pyserini.cli.main import main

assert main(sys.argv[1:]) == 0
print(sorted({"torch", "transformers", "pyserini", "jnius"} & set(sys.modules)))
"""

ARGUMENTS = """
import sys
from tasb_pyserini.cli.main import COMMANDS, build_parser

heavy = {"torch", "transformers", "faiss", "pyserini", "sklearn"}
for command in COMMANDS:
    build_parser(command)
    if loaded := heavy & set(sys.modules):
        sys.exit(f"tasb {command} loads {sorted(loaded)}")
"""

WRONG = """
import sys
from tasb_pyserini.cli.main import main

try:
    assert main(sys.argv[1:]) == 1
except SystemExit as end:
    assert end.code == 2
heavy = {"torch", "transformers", "faiss", "pyserini", "sklearn"}
print(sorted(heavy & set(sys.modules)))
"""


def loaded(words: list[str]) -> str:
    """Return which of the heavy packages a command has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", RUNNING, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def test_the_arguments_of_no_command_load_anything_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ARGUMENTS], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("rerank --topics t.tsv", "the following arguments are required: --run"),
        ("expand --collection c --output o --keep .3", "--keep is about a filter"),
        ("pretrain --corpus c --output o --mask-rate 2", "mask_rate 2.0: expected"),
        ("train-teacher dot", "argument kind: invalid choice: 'dot'"),
    ],
)
def test_wrong_arguments_are_told_before_anything_heavy_is_loaded(
    words: str, problem: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRONG, *words.split()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert problem in done.stderr
    assert done.stdout == "[]\n"


def test_encode_and_search_load_neither_pytorch_nor_pyserini(tmp_path: Path) -> None:
    encoder = f"tasb:{make_model(tmp_path / 'model')}"
    lines = [
        json.dumps({"id": docid, "contents": PASSAGES[docid]}) for docid in PASSAGES
    ]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    rows = "".join(f"{qid}\t{query}\n" for qid, query in QUERIES.items())
    (tmp_path / "topics.tsv").write_text(rows)
    vectors, index, output = (str(tmp_path / name) for name in ("E", "I", "run.txt"))
    words = ["--corpus", str(tmp_path / "corpus.jsonl"), "--embeddings", vectors]
    assert main(["encode", "--encoder", encoder, "--device", "cpu", *words]) == 0
    again = ["encode", "--encoder", encoder, "--device", "cpu", *words[:3]]
    assert loaded([*again, str(tmp_path / "again")]) == "[]"
    assert main(["index", "--input", vectors, "--output", index]) == 0
    words = ["search", "--index", index, "--encoder", encoder, "--output", output]
    words += ["--topics", str(tmp_path / "topics.tsv"), "--device", "cpu"]
    assert loaded(words) == "[]"
    assert len(Path(output).read_text().splitlines()) == len(QUERIES) * len(PASSAGES)
