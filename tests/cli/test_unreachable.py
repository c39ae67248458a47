"""Where a host can't be reached, a command tries once and says so in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.prebuilt.entry import RemoteFile
from tests.prebuilt.entries import entry, write_catalog

NOBODY = "http://127.0.0.1:1"
"""A port at which nothing listens."""

MOST_CHARACTERS = 250

COUNTED = """
import sys
from tasb_pyserini.cli.main import main

tries = []
sys.addaudithook(lambda event, of: event == "socket.connect" and tries.append(of[1]))
assert main(sys.argv[1:]) == 1
print(tries.count(("127.0.0.1", 1)), "of", len(tries))
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "encode-topics --encoder o/n --topics topics.tsv --output vectors.tsv",
            f"'o/n': could not fetch it from {NOBODY} ([Errno 111] Connection refused)"
            "; put its files into a folder and use 'tasb:FOLDER'",
        ),
        (
            "encode-topics --encoder tasb --topics topics.tsv --output vectors.tsv",
            f"-b256-msmarco from {NOBODY} ([Errno 111] Connection refused); put its "
            "files into a folder and use 'tasb:FOLDER', or TASB_CHECKPOINT=FOLDER",
        ),
        (
            "encode-topics --encoder tasb --topics mine --output vectors.tsv",
            "mine: not in a cache, and no connection to 127.0.0.1:1 ([Errno 111] "
            "Connection refused); come back with a network; TASB_OFFLINE=1 says how "
            "to copy it from another machine",
        ),
    ],
)
def test_one_try_and_one_line(tmp_path: Path, words: str, said: str) -> None:
    (tmp_path / "topics.tsv").write_text("1\tdogs\n")
    urls = (f"{NOBODY}/a/mine.tsv", f"{NOBODY}/b/mine.tsv")
    mine = entry("mine", "topics", RemoteFile(filename="mine.tsv", urls=urls))
    places = {
        "HF_ENDPOINT": NOBODY,
        "HF_HOME": str(tmp_path / "hub"),
        "TASB_CATALOG": str(write_catalog(tmp_path / "catalog.json", mine)),
        "PYSERINI_CACHE": str(tmp_path / "cache"),
        "no_proxy": "127.0.0.1",
    }
    unset = ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "TASB_CHECKPOINT", "TASB_OFFLINE")
    environ = {key: of for key, of in os.environ.items() if key not in unset}
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, *words.split()],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**environ, "PYTHONPATH": str(Path(__file__).parents[2]), **places},
    )
    *_, line = done.stderr.splitlines()
    assert line.endswith(said)
    assert len(line) <= MOST_CHARACTERS
    assert done.stdout == "1 of 1\n"
