"""Passages reach Anserini in as many files as its threads can share."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.bindings.indexer import run_indexer
from tasb_pyserini.bindings.jvm import index_buffer
from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.indexing import lucene
from tasb_pyserini.indexing.lucene import build_lucene_index, write_files

PASSAGES = [Passage(f"d{n}", f"text {n} ä") for n in range(7)]


@pytest.mark.parametrize(
    ("size", "counts"), [(3, [3, 3, 1]), (7, [7]), (8, [7]), (1, [1] * 7)]
)
def test_files_hold_all_passages_in_order(
    tmp_path: Path, size: int, counts: list[int]
) -> None:
    write_files(iter(PASSAGES), tmp_path, size)
    files = [path.read_text().splitlines() for path in sorted(tmp_path.iterdir())]
    assert [len(lines) for lines in files] == counts
    assert [json.loads(line) for lines in files for line in lines] == [
        {"id": passage.docid, "contents": passage.contents} for passage in PASSAGES
    ]


@pytest.mark.pyserini
def test_several_threads_share_the_files_of_a_collection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lucene, "FILE", 2)
    files = []

    def counting(name: str, source: Path, *words: Any, **options: Any) -> None:
        files.append(len(list(source.iterdir())))
        run_indexer(name, source, *words, **options)

    monkeypatch.setattr(lucene, "run_indexer", counting)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(
        "".join(f'{{"id": "{p.docid}", "contents": "x"}}\n' for p in PASSAGES)
    )
    for threads in (1, 2):
        build_lucene_index(corpus, tmp_path / "I", threads=threads)
        assert lucene_searcher(tmp_path / "I").num_docs == 7
    assert files == [1, 4]


@pytest.mark.pyserini
def test_bars_show_how_much_is_copied_and_indexed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus.tsv"
    corpus.write_text("".join(f"d{n}\ttext {n}\n" for n in range(10_007)))
    build_lucene_index(corpus, tmp_path / "I", progress=True)
    shown = capsys.readouterr().err.split("\r")
    for label in ("copying", "indexing"):
        bars = [bar for bar in shown if bar.startswith(label)]
        assert " 0/10007 " in bars[0]
        assert " 10007/10007 " in bars[-1]
        assert " passages/s]" in bars[-1]


@pytest.mark.pyserini
def test_an_indexer_gathers_a_third_of_javas_memory_at_most() -> None:
    assert 0 < index_buffer() <= 4096


@pytest.mark.pyserini
def test_the_copy_of_the_collection_lies_beside_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = tmp_path / "corpus.jsonl"
    collection.write_text('{"id": "a", "contents": "the text"}\n')
    build_lucene_index(collection, tmp_path / "first")  # Pyserini is imported
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert build_lucene_index(collection, tmp_path / "new" / "second") == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["second"]
