"""A folder opened without Pyserini's modules gives the hits that Pyserini gives."""

from pathlib import Path

import pytest

from tasb_pyserini.bindings.lucene_folder import LuceneFolder
from tasb_pyserini.bindings.lucene_hits import LuceneHits
from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.formats.errors import TasbError
from tests.conftest import Collections
from tests.search.scifact import make_part

pytestmark = pytest.mark.pyserini


def test_hits_are_those_of_lucene_searcher(
    collections: Collections, tmp_path: Path
) -> None:
    part = make_part(collections("scifact"), tmp_path, passages=300, queries=10)
    ours, theirs = LuceneFolder(part.lucene), lucene_searcher(part.lucene)
    for searcher in (ours, theirs):
        searcher.set_bm25(0.82, 0.68)
    hits = LuceneHits(ours)
    expected = LuceneHits(theirs).search(part.queries, 50)
    assert hits.search(part.queries, 50) == expected
    assert hits._textless is not None  # agreed with Anserini's own
    assert hits._search_stock(part.queries, 50, 2) == expected


def test_a_folder_without_an_index_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"IxFI")  # of Faiss
    with pytest.raises(TasbError) as refused:
        LuceneFolder(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path}: not a Lucene index: no segments* file found; expected a folder "
        "of 'tasb bm25 index'"
    )


def test_a_query_of_thousands_of_terms_is_searched(
    collections: Collections, tmp_path: Path
) -> None:
    part = make_part(collections("scifact"), tmp_path, passages=300, queries=1)
    query = part.queries[0]
    long = " ".join([query, *(f"nowhere{number}" for number in range(3000))])
    hits = LuceneHits(LuceneFolder(part.lucene))
    expected = LuceneHits(lucene_searcher(part.lucene)).search([query], 20)
    assert [list(found) for found in hits.search([long], 20)] == [
        list(found) for found in expected
    ]
