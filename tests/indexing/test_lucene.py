"""A Lucene index of texts is built with what lies beside it, and leaves nothing."""

import tempfile
from pathlib import Path

import pytest

from tasb_pyserini.indexing.lucene import build_lucene_index

pytestmark = pytest.mark.pyserini


def test_the_copy_of_the_collection_lies_beside_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = tmp_path / "corpus.jsonl"
    collection.write_text('{"id": "a", "contents": "the text"}\n')
    build_lucene_index(collection, tmp_path / "first")  # Pyserini is imported
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert build_lucene_index(collection, tmp_path / "new" / "second") == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["second"]
