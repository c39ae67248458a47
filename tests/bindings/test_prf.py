"""Stock Pyserini's commands with feedback take our encoder and write our run."""

from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.topics import read_topics
from tests.bindings.conftest import Python
from tests.checkpoints import make_checkpoint
from tests.conftest import Collections

pytestmark = pytest.mark.pyserini
pytest.importorskip("faiss")

METHODS = {
    "avg": ["--prf-depth", "3"],
    "rocchio": ["--prf-depth", "5", "--prf-method", "rocchio"],
    "negatives": [
        *("--prf-depth", "8", "--prf-method", "rocchio", "--rocchio-bottomk", "2"),
        *("--rocchio-alpha", "0.4", "--rocchio-beta", "0.6", "--rocchio-gamma", "0.2"),
    ],
    "batch": ["--prf-depth", "3", "--batch-size", "16", "--threads", "2"],
}

PYSERINI = """
import runpy, sys
for words in sys.argv[1].split(";"):
    sys.argv = ["search", *words.split()]
    runpy.run_module("pyserini.search.faiss", run_name="__main__", alter_sys=True)
"""
"""Runs the command as often as there are lists of words, and loads it once."""


@pytest.fixture(scope="module")
def folder(collections: Collections, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vaswani's first passages in an index, and its first queries."""
    folder = tmp_path_factory.mktemp("prf")
    source = collections("vaswani")
    lines = (source / "corpus.jsonl").read_text(encoding="utf-8").splitlines(True)
    (folder / "corpus.jsonl").write_text("".join(lines[:1500]), encoding="utf-8")
    make_checkpoint(folder / "model", dimension=64)
    words = ["--corpus", folder / "corpus.jsonl", "--embeddings", folder / "E"]
    words += ["--encoder", f"tasb:{folder / 'model'}", "--device", "cpu"]
    assert main(["encode", *map(str, words)]) == 0
    words = ["--input", folder / "E", "--output", folder / "I"]
    assert main(["index", *map(str, words)]) == 0
    topics = list(read_topics(source / "topics.tsv").items())[:40]
    rows = "".join(f"{qid}\t{query}\n" for qid, query in topics)
    (folder / "topics.tsv").write_text(rows)
    return folder


def words(folder: Path, output: str) -> list[str]:
    return [
        *("--index", f"{folder / 'I'}", "--encoder", f"tasb:{folder / 'model'}"),
        *("--topics", f"{folder / 'topics.tsv'}", "--device", "cpu", "--hits", "200"),
        *("--output", f"{folder / output}"),
    ]


def lines(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines()]


def test_our_runs_with_feedback_are_pyserinis(folder: Path, python: Python) -> None:
    calls = [[*words(folder, f"{name}.stock"), *more] for name, more in METHODS.items()]
    python("-c", PYSERINI, ";".join(" ".join(call) for call in calls))
    for name, more in METHODS.items():
        said = [word for word in more if word not in ("--batch-size", "16")]
        assert main(["search", *words(folder, f"{name}.ours"), *said]) == 0
        ours, stock = lines(folder / f"{name}.ours"), lines(folder / f"{name}.stock")
        assert len(ours) == 40 * 200
        assert [row[:4] for row in ours] == [row[:4] for row in stock]
        np.testing.assert_allclose(
            [float(row[4]) for row in ours],
            [float(row[4]) for row in stock],
            rtol=1e-5,
        )
