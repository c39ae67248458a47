"""Pyserini's commands take names, through our downloader and without a network."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.indexing.lucene import build_lucene_index
from tasb_pyserini.prebuilt.download.state import read_state
from tasb_pyserini.prebuilt.fetch import fetch
from tests.bindings.conftest import PASSAGES, QUERIES, Python
from tests.prebuilt.entries import index_archive
from tests.prebuilt.server import FileServer
from tests.prebuilt.small_indexes import (
    encoded_queries_archive,
    faiss_archive,
    packed,
    vectors,
)

pytestmark = pytest.mark.pyserini

WITHOUT_NETWORK = """
import runpy, socket, sys

def refuse(*where):
    raise AssertionError(f"a network call to {where}")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


PASSAGE_VECTORS, QUERY_VECTORS = vectors(len(PASSAGES), 1), vectors(len(QUERIES), 2)


@pytest.fixture(scope="module")
def entries(
    corpus: Path, topics: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[dict[str, Any], str, bytes]]:
    """Return name → entry of the catalogue without files, file name, file."""
    folder = tmp_path_factory.mktemp("entries")
    build_lucene_index(corpus, folder / "lucene")
    install_finder()
    from pyserini.index.lucene import LuceneIndexReader

    stats = LuceneIndexReader(str(folder / "lucene")).stats()
    statistics = {
        key: stats[key] for key in ("documents", "total_terms", "unique_terms")
    }
    qrels = "".join(f"{qid} 0 d1 1\n" for qid in QUERIES)
    return {
        "tiny.tasb": (
            {"kind": "faiss", "texts": "tiny"},
            "faiss.tiny.tar.gz",
            faiss_archive(folder / "faiss", list(PASSAGES), PASSAGE_VECTORS),
        ),
        "tiny": (
            {"kind": "lucene", **statistics},
            "lucene.tiny.tar.gz",
            packed(folder / "lucene"),
        ),
        "tiny-encoded": (
            {"kind": "encoded-queries"},
            "queries.tiny.tar.gz",
            encoded_queries_archive(QUERIES, QUERY_VECTORS),
        ),
        "tiny-topics": ({"kind": "topics"}, "topics.tiny.tsv", topics.read_bytes()),
        "tiny-topics.qrels": (
            {"kind": "qrels", "topics": "tiny-topics"},
            "qrels.tiny.txt",
            qrels.encode(),
        ),
    }


@pytest.fixture
def environment(
    entries: dict[str, tuple[dict[str, Any], str, bytes]],
    server: FileServer,
    tmp_path: Path,
) -> dict[str, str]:
    """Put the entries on the server, with a first mirror that lacks them."""
    catalog = []
    for name, (values, filename, content) in entries.items():
        server.files[filename] = content
        file = {
            "filename": filename,
            "urls": [server.url(f"gone/{filename}"), server.url(filename)],
            "md5": hashlib.md5(content).hexdigest(),
            "size": len(content),
        }
        catalog.append({"name": name, "description": "d", **values, "files": [file]})
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    return {
        "TASB_CATALOG": str(tmp_path / "catalog.json"),
        "PYSERINI_CACHE": str(tmp_path / "cache"),
    }


WORDS = ("--index", "tiny.tasb", "--topics", "tiny-topics", "--hits", "5")
ENCODED = ("--encoded-queries", "tiny-encoded")


def test_stock_search_by_name_needs_no_network_where_all_is_in_the_cache(
    python: Python, environment: dict[str, str], tmp_path: Path
) -> None:
    for name in ("tiny.tasb", "tiny", "tiny-encoded", "tiny-topics"):
        fetch(name, environment, progress=False)
    search = ("-c", WITHOUT_NETWORK, "pyserini.search.faiss", *WORDS, *ENCODED)
    done = python(*search, "--output", tmp_path / "run.txt", **environment)
    assert "could not be read" not in done.stderr
    assert_right(tmp_path / "run.txt")


@pytest.mark.slow
def test_stock_search_fetches_all_that_is_named_once_and_falls_over(
    python: Python, environment: dict[str, str], server: FileServer, tmp_path: Path
) -> None:
    search = ("pyserini.search.faiss", *WORDS, *ENCODED, "--output")
    python("-m", *search, tmp_path / "run.txt", **environment)
    asked = [request.path for request in server.requests]
    mirrors = sorted(path.removeprefix("/gone") for path in asked)
    assert mirrors == sorted(
        2 * [f"/{name}" for name in server.files if "qrels" not in name]
    )
    assert_right(tmp_path / "run.txt")
    python(
        *("-c", WITHOUT_NETWORK, *search, tmp_path / "again"),
        **environment,
    )
    assert (tmp_path / "again").read_bytes() == (tmp_path / "run.txt").read_bytes()


def assert_right(run: Path) -> None:
    """Compare a run with the dot products of all vectors."""
    rows = [line.split() for line in run.read_text().splitlines()]
    scores = QUERY_VECTORS @ PASSAGE_VECTORS.T
    expected = [
        (qid, list(PASSAGES)[at], row[at])
        for qid, row in zip(QUERIES, scores, strict=True)
        for at in np.argsort(-row)
    ]
    assert [(qid, docid) for qid, _, docid, *_ in rows] == [x[:2] for x in expected]
    found = [float(row[4]) for row in rows]
    assert found == pytest.approx([x[2] for x in expected], abs=1e-4)


def test_qrels_go_by_the_name_of_their_topics(
    python: Python, environment: dict[str, str], server: FileServer
) -> None:
    code = """
from pyserini.search import get_qrels, get_topics
print(get_topics("tiny-topics"), get_qrels("tiny-topics"))
"""
    done = python("-c", code, **environment)
    topics = {int(qid): {"title": query} for qid, query in QUERIES.items()}
    qrels = {int(qid): {"d1": "1"} for qid in QUERIES}
    assert done.stdout.splitlines()[-1] == f"{topics} {qrels}"


def test_topics_have_a_name_for_us_where_the_hook_is_off(
    python: Python, environment: dict[str, str], server: FileServer
) -> None:
    code = """
from tasb_pyserini.bindings.topics import named_topics
print(named_topics("tiny-topics"))
"""
    done = python("-c", code, TASB_PYSERINI_HOOK="0", **environment)
    assert done.stdout.splitlines()[-1] == str(QUERIES)


def interpreter(python: Python) -> Callable[..., "subprocess.Popen[str]"]:
    """Return a function that starts Python as the fixture does, and does not wait."""
    code = "import os, json; print(json.dumps(dict(os.environ)))"
    environ = json.loads(python("-c", code).stdout)

    def start(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=environ | environment,
            text=True,
            stderr=subprocess.DEVNULL,
        )

    return start


def test_a_kill_in_the_middle_resumes_also_a_name_of_pyserinis_own(
    python: Python, server: FileServer, tmp_path: Path
) -> None:
    content = index_archive({"embedding.pkl": os.urandom(2_000_000)})
    server.files["theirs.tar.gz"] = content
    md5 = hashlib.md5(content).hexdigest()
    info = {"urls": [server.url("theirs.tar.gz")], "md5": md5}
    code = f"""
from pyserini import util
util.QUERY_INFO["theirs"] = {info}
print(util.download_encoded_queries("theirs"))
"""
    cache = {"PYSERINI_CACHE": str(tmp_path)}
    work = tmp_path / "queries" / ".tasb" / f"theirs.{md5}"
    server.faults.slow = 1_000_000
    process = interpreter(python)("-c", code, **cache)
    note = work / ".theirs.tar.gz.part.json"
    while (state := read_state(note)) is None or not state.done:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not (tmp_path / "queries" / f"theirs.{md5}").exists()
    server.faults.slow = None
    before = len(server.requests)
    done = python("-c", code, **cache)
    assert done.stdout.strip() == str(tmp_path / "queries" / f"theirs.{md5}")
    (resumed,) = server.ranges[before:]
    assert resumed is not None
    assert not resumed.startswith("bytes=0-")
