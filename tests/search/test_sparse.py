"""BM25 of many queries."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.indexing.lucene import build_lucene_index
from tasb_pyserini.search import sparse
from tasb_pyserini.search.sparse import bm25_run, bm25_runs, open_lucene
from tests.bindings.conftest import PASSAGES, QUERIES

pytestmark = pytest.mark.pyserini


def test_parts_of_a_run_are_the_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps({"id": d, "contents": text}) for d, text in PASSAGES.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines))
    build_lucene_index(tmp_path / "corpus.jsonl", tmp_path / "I")
    lucene = open_lucene(tmp_path / "I")
    monkeypatch.setattr(sparse, "BLOCK", 2)
    parts = list(bm25_runs(lucene, QUERIES, 5, k1=1.2, b=0.7))
    assert [list(part) for part in parts] == [["1", "2"], ["3"]]
    whole = [(qid, list(hits.items())) for part in parts for qid, hits in part.items()]
    expected = bm25_run(lucene, QUERIES, 5, k1=1.2, b=0.7)
    assert whole == [(qid, list(hits.items())) for qid, hits in expected.items()]
