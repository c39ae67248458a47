import json
from pathlib import Path

import pytest

from tasb_pyserini.bindings.indexer import run_indexer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.rerank.lucene_texts import text_of_json
from tasb_pyserini.search.rerank.texts import lucene_texts

pytest.importorskip("pyserini")

PYSERINI: list[dict[str, object]] = [
    {"id": "a", "contents": "one\ntwo"},
    {"id": "b", "contents": "drei — 三"},
]
BEIR: list[dict[str, object]] = [
    {"_id": "a", "title": "T", "text": "one", "metadata": {}},
    {"_id": "b", "title": "", "text": "two", "metadata": {}},
]


def build(folder: Path, rows: list[dict[str, object]], kind: str, *flags: str) -> str:
    source, index = folder / "source", folder / "index"
    source.mkdir()
    (source / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ["-collection", kind, "-generator", "DefaultLuceneDocumentGenerator"]
    run_indexer("IndexCollection", source, index, [*options, *flags], len(rows))
    return str(index)


@pytest.mark.pyserini
@pytest.mark.parametrize("flag", ["-storeRaw", "-storeContents"])
def test_texts_of_pyserinis_json(tmp_path: Path, flag: str) -> None:
    index = build(tmp_path, PYSERINI, "JsonCollection", flag)
    texts = lucene_texts(index, ["b", "a"], threads=2)
    assert texts == {"a": "one\ntwo", "b": "drei — 三"}


@pytest.mark.pyserini
def test_texts_of_beir_begin_with_their_title(tmp_path: Path) -> None:
    index = build(tmp_path, BEIR, "BeirFlatCollection", "-storeRaw")
    assert lucene_texts(index, ["a", "b"]) == {"a": "T\none", "b": "two"}


@pytest.mark.pyserini
def test_absent_docids_are_named_and_counted(tmp_path: Path) -> None:
    index = build(tmp_path, PYSERINI, "JsonCollection", "-storeRaw")
    with pytest.raises(TasbError, match=r"no text of docid x \(2 of 3 to rerank"):
        lucene_texts(index, ["a", "x", "y"])


@pytest.mark.pyserini
def test_an_index_that_stores_no_text_is_refused(tmp_path: Path) -> None:
    index = build(tmp_path, PYSERINI, "JsonCollection")
    with pytest.raises(TasbError, match=r"stores no text of docid a; expected an ind"):
        lucene_texts(index, ["a"])


@pytest.mark.parametrize("raw", ["<DOC>tea</DOC>", "[1]", '{"id": 1}', '{"text": 2}'])
def test_what_is_no_json_passage_is_one_line(raw: str) -> None:
    with pytest.raises(TasbError, match="is not JSON with one of contents, text, pass"):
        text_of_json(Path("L"), raw)
