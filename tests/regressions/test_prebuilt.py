"""A spec of a prebuilt index, from a server to a verdict."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.schema import read_spec
from tasb_pyserini.regressions.spec import Spec
from tests.prebuilt.entries import index_archive
from tests.prebuilt.server import FileServer
from tests.regressions.tiny import TARGETS, inputs

pytestmark = pytest.mark.pyserini

SEARCH = """\
stages:
  - name: search
    reads: [topics.tsv]
    writes: run.txt
    command: >-
      python -m pyserini.search.lucene --index tiny.served --topics topics.tsv
      --output run.txt --bm25 --k1 0.9 --b 0.4 --threads 1
"""


def serve(server: FileServer, index: Path) -> dict[str, Any]:
    """Put an archive of an index on a server; return its entry in a catalogue."""
    name = "lucene-inverted.tiny.tar.gz"
    files = {path.name: path.read_bytes() for path in index.iterdir()}
    content = index_archive(files, "lucene-inverted.tiny")
    server.files[name] = content
    start_jvm()
    from pyserini.index.lucene import LuceneIndexReader

    stats = LuceneIndexReader(str(index)).stats()
    file = {
        "filename": name,
        "urls": [server.url(name)],
        "md5": hashlib.md5(content).hexdigest(),
        "size": len(content),
    }
    keys = ("documents", "total_terms", "unique_terms")
    return {
        "name": "tiny.served",
        "kind": "lucene",
        "description": "five passages",
        "files": [file],
        **{key: stats[key] for key in keys},
    }


def test_a_served_index_is_fetched_searched_and_judged(
    bm25: tuple[Spec, Path, Path],
    server: FileServer,
    specs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built, data, work = bm25
    entry = serve(server, work / built.name / "lucene")
    (tmp_path / "catalog.json").write_text(json.dumps([entry]))
    monkeypatch.setenv("TASB_CATALOG", str(tmp_path / "catalog.json"))
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (file,) = entry["files"]
    index = f"{{name: tiny.served, md5: {file['md5']}, size: {file['size']}, "
    files = {"qrels.txt": "qrels.txt", "topics.tsv": "topics.tsv"}
    path = specs / "tiny.served.yaml"
    text = (
        "name: tiny.served\ntitle: Served\nnetwork: true\n"
        f"indexes:\n  - {index}documents: 5}}\n"
        f"{inputs(data, **files)}{SEARCH}{TARGETS}"
    )
    cached = tmp_path / "cache" / "indexes" / f"lucene-inverted.tiny.{file['md5']}"
    path.write_text(text.replace(file["md5"], 32 * "f"))
    result = run_spec(read_spec(path), tmp_path / "work", data=data)
    assert (result.indexes, cached.exists()) == ({}, False)
    assert {verdict.verdict for verdict in result.verdicts} == {"NOT RUN"}
    path.write_text(text)
    result = run_spec(read_spec(path), tmp_path / "work", data=data)
    verdicts = [(v.metric, v.found, v.verdict) for v in result.verdicts]
    assert verdicts == [("RR@10", 0.625, "PASS"), ("R(rel=2)@100", 0.25, "PASS")]
    assert result.indexes == {"tiny.served": file["md5"]}
    assert cached.is_dir()
