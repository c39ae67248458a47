"""Anserini's indexers say how far they are, and stop in the middle."""

from pathlib import Path

import pytest

from tests.bindings.conftest import Python

pytestmark = pytest.mark.pyserini

INDEX = """
import json, sys
from pathlib import Path
from tasb_pyserini.bindings.indexer import run_indexer

folder, passages, stop = Path(sys.argv[1]), int(sys.argv[2]), len(sys.argv) > 3
(folder / "texts").mkdir()
with (folder / "texts/0.jsonl").open("w") as file:
    for number in range(passages):
        file.write(json.dumps({"id": str(number), "contents": "one two three"}) + "\\n")
told = []

def done(more):
    told.append(more)
    if stop and sum(told):
        raise KeyboardInterrupt

try:
    run_indexer("IndexCollection", [
        "-collection", "JsonCollection", "-input", f"{folder}/texts",
        "-index", f"{folder}/index", "-quiet"], done)
except KeyboardInterrupt:
    print("interrupted")
print(sum(told), len(list(folder.glob("index/segments_*"))))
"""


def test_all_documents_are_told(python: Python, tmp_path: Path) -> None:
    assert python("-c", INDEX, tmp_path, 12_345).stdout == "12345 1\n"


def test_what_is_interrupted_stops_before_its_file_ends(
    python: Python, tmp_path: Path
) -> None:
    done = python("-c", INDEX, tmp_path, 300_000, "stop")
    *said, counts = done.stdout.splitlines()
    indexed, commits = map(int, counts.split())
    assert (said, done.stderr, commits) == (["interrupted"], "", 0)
    assert 0 < indexed < 300_000
