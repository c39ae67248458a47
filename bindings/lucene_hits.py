"""Docids and scores of a Lucene index, without the documents.

Anserini's ``SimpleSearcher`` reads the stored fields of every hit, raw text included,
which takes most of the time of a search. Here the same search runs on a view of the
index that has no stored fields; the first hits are compared with Anserini's own.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tasb_pyserini.bindings.java_threads import map_in_threads
from tasb_pyserini.bindings.lucene_folder import LuceneFolder
from tasb_pyserini.bindings.textless import (
    Hits,
    best_of_each,
    hits_search,
    textless_searcher,
)
from tasb_pyserini.formats.errors import TasbError

CHECKED_HITS = 10
"""Hits of the first query that are compared with Anserini's own."""

logger = logging.getLogger(__name__)


class LuceneHits:
    """Searches a Lucene index as Pyserini's ``LuceneSearcher`` does, with its settings.

    Whatever is no plain ``LuceneSearcher`` or `LuceneFolder` (another class, relevance
    feedback, an Anserini whose parts have changed) is searched by its own
    ``batch_search``.

    Parameters
    ----------
    searcher
        Pyserini's ``LuceneSearcher``, or what has its ``batch_search``. Settings that
        change later (``set_bm25``, …) count.
    """

    def __init__(self, searcher: Any) -> None:
        self.searcher = searcher
        self._textless = textless_searcher(searcher) if is_plain(searcher) else None
        self._checked = False
        self._known: dict[int, str] = {}

    def search(self, queries: Sequence[str], k: int, threads: int = 1) -> list[Hits]:
        """Return the `k` best hits of each query: ids, order, scores are Anserini's.

        Parameters
        ----------
        queries
            Texts.
        k
            Most hits a query.
        threads
            Queries searched at the same time.
        """
        if self._textless is None or uses_feedback(self.searcher) or not queries:
            return self._search_stock(queries, k, threads)
        search = hits_search(self.searcher.object, self._textless, self._known)
        if not self._checked and not self._agrees(search, queries[0]):
            self._textless = None
            return self._search_stock(queries, k, threads)
        return map_in_threads(lambda query: search(query, k), queries, threads)

    def raw(self, docid: str) -> str:
        """Return what the index stored of a passage.

        Raises
        ------
        TasbError
            If the index has no such passage.
        """
        stored = self.searcher.object.doc_raw(docid)
        if stored is None:
            raise TasbError(
                f"docid {docid}: not in the Lucene index, or without its text; "
                "expected an index of the hits' own collection; build both again"
            )
        return str(stored)

    def _agrees(self, search: Callable[[str, int], Hits], query: str) -> bool:
        [expected] = self._search_stock([query], CHECKED_HITS, 1)
        self._checked = list(search(query, CHECKED_HITS).items()) == list(
            expected.items()
        )
        if not self._checked:
            logger.warning("hits differ from Anserini's; searching at its pace instead")
        return self._checked

    def _search_stock(self, queries: Sequence[str], k: int, threads: int) -> list[Hits]:
        qids = [str(position) for position in range(len(queries))]
        hits = self.searcher.batch_search(list(queries), qids, k, threads)
        return [scores_of(hits[qid]) for qid in qids]


def scores_of(hits: Iterable[Any]) -> Hits:
    """Return docid → score of Pyserini's or Anserini's hits, best first."""
    found = list(hits)
    return best_of_each([hit.docid for hit in found], [hit.score for hit in found])


def is_plain(searcher: Any) -> bool:
    """Return whether `searcher` is Pyserini's ``LuceneSearcher`` itself, or ours."""
    kind = type(searcher)
    pyserinis = kind.__name__ == "LuceneSearcher" and kind.__module__.startswith(
        "pyserini."
    )
    return (pyserinis or kind is LuceneFolder) and not getattr(
        searcher.object, "backwardsCompatibilityLucene8", False
    )


def uses_feedback(searcher: Any) -> bool:
    """Return whether a ``LuceneSearcher`` expands queries from documents."""
    return bool(searcher.is_using_rm3() or searcher.is_using_rocchio())
