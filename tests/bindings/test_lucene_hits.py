"""Hits without documents are Anserini's hits: docids, order, scores to the last bit."""

from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.bindings import textless
from tasb_pyserini.bindings.indexer import run_indexer
from tasb_pyserini.bindings.lucene_hits import LuceneHits
from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.formats.errors import TasbError
from tests.conftest import Collections
from tests.search.scifact import Part, make_part

pytestmark = pytest.mark.pyserini


@pytest.fixture(scope="module")
def part(collections: Collections, tmp_path_factory: pytest.TempPathFactory) -> Part:
    folder = tmp_path_factory.mktemp("part")
    return make_part(collections("scifact"), folder, passages=1200, queries=25)


@pytest.fixture
def searcher(part: Part) -> Any:
    return lucene_searcher(part.lucene)


def anserinis(
    searcher: Any, queries: list[str], k: int
) -> list[list[tuple[str, float]]]:
    """Hits of each query, asked for one by one."""
    return [[(hit.docid, hit.score) for hit in searcher.search(q, k)] for q in queries]


def ours(
    searcher: LuceneHits, queries: list[str], k: int, threads: int = 1
) -> list[list[tuple[str, float]]]:
    return [list(hits.items()) for hits in searcher.search(queries, k, threads)]


@pytest.mark.parametrize("k", [1, 10, 1000])
def test_hits_are_anserinis(part: Part, searcher: Any, k: int) -> None:
    hits = LuceneHits(searcher)
    assert hits._textless is not None  # the fast way is open with this Anserini
    assert ours(hits, part.queries, k) == anserinis(searcher, part.queries, k)
    assert hits._textless is not None


def test_tied_scores_are_parted_as_anserini_parts_them(part: Part) -> None:
    searcher = lucene_searcher(part.lucene)
    searcher.set_bm25(0.0, 0.0)  # a word counts alike in all passages
    expected = anserinis(searcher, ["cells"], 1000)
    scores = [score for _, score in expected[0]]
    assert len(scores) > 100
    assert 0 < scores[0] - scores[-1] < 0.01
    assert ours(LuceneHits(searcher), ["cells"], 1000) == expected


def test_settings_made_later_count(part: Part, searcher: Any) -> None:
    hits = LuceneHits(searcher)
    before = ours(hits, part.queries, 20)
    for name, values in (
        ("set_bm25", (0.82, 0.68)),
        ("set_qld", (500.0,)),
        ("set_language", ("de",)),
    ):
        getattr(searcher, name)(*values)
        after = ours(hits, part.queries, 20)
        assert after == anserinis(searcher, part.queries, 20) != before
        before = after


@pytest.mark.parametrize("threads", [2, 4])
def test_hits_do_not_depend_on_threads(part: Part, searcher: Any, threads: int) -> None:
    hits = LuceneHits(searcher)
    assert ours(hits, part.queries, 50, threads) == ours(hits, part.queries, 50)


def test_docids_kept_from_earlier_queries_are_right(
    part: Part, searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = anserinis(searcher, part.queries, 50)
    hits = LuceneHits(searcher)
    found = ours(hits, part.queries, 50)
    seen = {docid for one in found for docid, _ in one}
    assert set(hits._known.values()) == seen
    monkeypatch.setattr(textless, "docids", None)  # not asked for again
    again = ours(hits, part.queries, 50)
    assert found == again == expected


def test_no_more_docids_are_kept_than_so_many(
    part: Part, searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textless, "KNOWN_DOCIDS", 60)
    hits = LuceneHits(searcher)
    assert ours(hits, part.queries, 50) == anserinis(searcher, part.queries, 50)
    assert 60 <= len(hits._known) < 60 + 50


def test_no_queries_give_no_hits(searcher: Any) -> None:
    assert LuceneHits(searcher).search([], 10) == []


def test_an_anserini_without_the_parts_is_searched_its_own_way(
    part: Part, searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "tasb_pyserini.bindings.textless.json_writer"

    def missing() -> None:
        raise AttributeError("no such part")

    monkeypatch.setattr(name, missing)
    hits = LuceneHits(searcher)
    assert hits._textless is None
    assert ours(hits, part.queries, 30) == anserinis(searcher, part.queries, 30)


def test_hits_that_differ_from_anserinis_are_noticed_and_left_to_it(
    part: Part,
    searcher: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = "tasb_pyserini.bindings.textless.docids"
    monkeypatch.setattr(
        name, lambda text: [f"d{n}" for n in range(text.count("offset"))]
    )
    hits = LuceneHits(searcher)
    assert ours(hits, part.queries, 30) == anserinis(searcher, part.queries, 30)
    assert "differ" in caplog.text


def test_an_index_of_several_segments_and_docids_beyond_ascii(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for number, docid in enumerate(("ä1", "日本", "d\U0001f600", "plain-4")):
        text = f'{{"id": "{docid}", "contents": "fox number {number} fox fox"}}\n'
        (tmp_path / "corpus" / f"{number}.jsonl").write_text(text, encoding="utf-8")
    options = ["-collection", "JsonCollection", "-storeRaw"]
    options += ["-generator", "DefaultLuceneDocumentGenerator"]
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    run_indexer("IndexCollection", corpus, index, options, 4, threads=4)
    searcher = lucene_searcher(tmp_path / "index")
    expected = anserinis(searcher, ["fox", "number 2"], 10)
    assert {docid for docid, _ in expected[0]} == {
        "ä1",
        "日本",
        "d\U0001f600",
        "plain-4",
    }
    assert ours(LuceneHits(searcher), ["fox", "number 2"], 10) == expected


def test_the_text_of_an_unknown_docid_is_an_error(searcher: Any) -> None:
    with pytest.raises(TasbError, match="docid nobody: not in the Lucene index"):
        LuceneHits(searcher).raw("nobody")
