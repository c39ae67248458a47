"""Topics and qrels that Pyserini alone knows by name, also in our own commands."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.bindings.conftest import Python
from tests.prebuilt.server import FileServer

pytestmark = pytest.mark.pyserini

TOPICS = """<top>
<num> Number: 301
<title> International Organized Crime
<desc> Description: Identify organizations.
<narr> Narrative: A relevant document.
</top>
"""
CODE = """
import sys
from pyserini.search import _base
if hasattr(_base, "EVAL_BASE_URL"):
    url = sys.argv[1]
    _base.EVAL_BASE_URL = url
    _base.TOPICS_BASE_URL, _base.QRELS_BASE_URL = url + "topics/", url + "qrels/"
from tasb_pyserini.cli.main import main
sys.exit(main(sys.argv[2:]))
"""
"""Pyserini 2 asks GitHub for names and files; Pyserini 1 has names, and a cache."""


def tasb(
    python: Python, server: FileServer, home: Path, *words: str
) -> "subprocess.CompletedProcess[str]":
    server.files |= {
        "topics.json": b'{"robust04": {"path": "topics.robust04.txt", "reader_class": '
        b'"io.anserini.search.topicreader.TrecTopicReader"}}',
        "qrels.json": b'{"robust04": "qrels.robust04.txt"}',
        "topics-aliases.json": b"{}",
        "qrels-aliases.json": b"{}",
        "topics/topics.robust04.txt": TOPICS.encode(),
        "qrels/qrels.robust04.txt": b"301 0 d1 1\n",
    }
    for name, content in server.files.items():
        copy = home / ".cache/pyserini/topics-and-qrels" / Path(name).name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    return python(
        *("-c", CODE, server.url(""), *words),
        check=False,
        PYSERINI_CACHE=str(home / "cache"),
        TASB_CACHE=str(home / "ours"),
        JAVA_TOOL_OPTIONS=f"-Duser.home={home}",
    )


def test_qrels_measure_and_topics_are_compared(
    python: Python, server: FileServer, tmp_path: Path
) -> None:
    run = tmp_path / "run.txt"
    run.write_text("301 Q0 d1 1 2 x\n")
    words = ["eval", str(run), "--topics", "robust04", "--measures", "RR", "--json"]
    for name in ("robust04", "robust04.qrels"):
        done = tasb(python, server, tmp_path, *words, "--qrels", name)
        assert done.returncode == 0, done.stderr
        (measured,) = json.loads(done.stdout)["runs"]
        assert measured["measures"] == {"RR": 1}


def test_training_pairs_take_topics(
    python: Python, server: FileServer, tmp_path: Path
) -> None:
    triples, output = tmp_path / "triples.tsv", tmp_path / "pairs"
    triples.write_text("301\td1\td2\n302\td1\td2\n")
    words = ["pairs", "import", "--triples", str(triples), "--output", str(output)]
    done = tasb(python, server, tmp_path, *words, "--topics", "robust04")
    assert done.returncode == 1
    assert "qid 302 is not in the topics (1 such ids in all)" in done.stderr


def test_a_name_that_nobody_knows_is_told_in_one_line(
    python: Python, server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "run.txt").write_text("301 Q0 d1 1 2 x\n")
    words = ["eval", str(tmp_path / "run.txt"), "--qrels", "dl19-pasage"]
    done = tasb(python, server, tmp_path, *words)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "tasb eval: qrels 'dl19-pasage': no such file, and Pyserini has no qrels of "
        "that name at hand (no qrels file for dl19-pasage); expected a TREC or BEIR "
        "file; unknown prebuilt name 'dl19-pasage'; did you mean 'dl19-passage'?"
    )
