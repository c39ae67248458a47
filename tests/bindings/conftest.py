"""Fresh interpreters that read the start-up files, and what they work on."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checkpoints import make_checkpoint

CHECKOUT = Path(__file__).parents[2]

Python = Callable[..., subprocess.CompletedProcess[str]]

PASSAGES = {
    "d1": "the quick brown fox jumps over the lazy dog",
    "d2": "passage retrieval with dense vectors",
    "d3": "the capital of france is paris",
    "d4": "a dog is a kind of animal",
    "d5": "vectors of a query and a passage are compared by their dot product",
}

QUERIES = {"1": "what is a dog", "2": "capital of france", "3": "dense retrieval"}

Ranking = list[tuple[str, str, float]]


def read_run(path: Path) -> Ranking:
    """Return qid, docid and score of each line, in the order of the file."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return [(qid, docid, float(score)) for qid, _, docid, _, score, _ in rows]


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Python:
    """Return a function that runs Python as if the package were installed.

    Start-up files are read from site folders only; ``sitecustomize`` makes one.
    No proxy, model hub or GitHub is reached.
    """
    folder = tmp_path_factory.mktemp("site")
    for file in (CHECKOUT / "bindings" / "site").iterdir():
        shutil.copy(file, folder)
    (folder / "sitecustomize.py").write_text(
        f"import site; site.addsitedir({str(folder)!r})\n"
    )
    cache = tmp_path_factory.mktemp("cache")

    def run(
        *arguments: str | Path, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        environ = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(folder), str(CHECKOUT)]),
            "PYSERINI_CACHE": str(cache),
            "HF_HUB_OFFLINE": "1",
            "https_proxy": "http://127.0.0.1:9",
            "no_proxy": "127.0.0.1",
        }
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=environ | environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=240,
        )
        if check and done.returncode != 0:
            pytest.fail(f"{arguments} exited with {done.returncode}:\n{done.stderr}")
        return done

    return run


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the passages as Pyserini's JSONL."""
    folder = tmp_path_factory.mktemp("corpus")
    lines = [
        json.dumps({"id": docid, "contents": text}) for docid, text in PASSAGES.items()
    ]
    (folder / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="session")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a topics file of three queries."""
    path = tmp_path_factory.mktemp("topics") / "topics.tsv"
    path.write_text("".join(f"{qid}\t{text}\n" for qid, text in QUERIES.items()))
    return path


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint of 32 dimensions that Pyserini would take for ANCE."""
    folder = tmp_path_factory.mktemp("models") / "balanced-finance-guidance"
    return make_checkpoint(folder, dimension=32)
