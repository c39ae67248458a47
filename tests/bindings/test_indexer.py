"""Anserini's indexers say how far they are, and stop in the middle."""

from pathlib import Path

import pytest

from tests.bindings.conftest import Python

pytestmark = pytest.mark.pyserini

INDEX = """
import json, os, signal, sys
from pathlib import Path
from tqdm import tqdm
from tasb_pyserini.bindings import indexer

folder, passages, stop = Path(sys.argv[1]), int(sys.argv[2]), len(sys.argv) > 3
(folder / "texts").mkdir()
with (folder / "texts/0.jsonl").open("w") as file:
    for number in range(passages):
        file.write(json.dumps({"id": str(number), "contents": "one two three"}) + "\\n")

class Bar(tqdm):
    def update(self, n=1):
        super().update(n)
        if stop and self.n:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
indexer.tqdm = Bar
try:
    indexer.run_indexer(
        "IndexCollection", folder / "texts", folder / "index",
        ["-collection", "JsonCollection"], passages, progress=True)
except KeyboardInterrupt:
    print("interrupted")
print(len(list(folder.glob("index/segments_*"))))
"""


def test_all_documents_are_shown(python: Python, tmp_path: Path) -> None:
    done = python("-c", INDEX, tmp_path, 12_345)
    assert done.stdout == "1\n"
    first, *_, last = done.stderr.strip().splitlines()
    assert " 0/12345 " in first
    assert " 12345/12345 " in last


def test_what_is_interrupted_stops_before_its_file_ends(
    python: Python, tmp_path: Path
) -> None:
    done = python("-c", INDEX, tmp_path, 300_000, "stop")
    assert done.stdout == "interrupted\n0\n"
    assert all(line.startswith("indexing:") for line in done.stderr.split("\n") if line)
