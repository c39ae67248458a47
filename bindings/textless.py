"""Search of a Lucene index by Anserini's parts, on a view without stored fields.

Anserini builds the query, Lucene orders by the same rule as for Anserini, and Anserini
adjusts the scores (``ScoreTiesAdjusterReranker`` rounds them to 4 decimals and parts
ties). The docids are the values that Lucene broke ties by; they cross into Python as
one string a query, unless all hits have been seen before.
"""

import logging
import re
from binascii import a2b_base64
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

Hits = dict[str, float]
"""docid → score, best first."""

KNOWN_DOCIDS = 1_000_000
"""So many docids, about, are kept for the next queries."""

_DOCID = re.compile(r'"bytes":"([^"]*)","offset":(\d+),"length":(\d+)')

logger = logging.getLogger(__name__)


def textless_searcher(searcher: Any) -> Any | None:
    """Return Lucene's ``IndexSearcher`` on a view of the index without stored fields.

    None if Anserini or Lucene lack a part that is needed.
    """
    from jnius import JavaException, autoclass, cast

    try:
        json_writer()
        lift_limit_of_terms()
        autoclass("io.anserini.search.ScoredDocs")
        java = searcher.object
        for part in ("BREAK_SCORE_TIES_BY_DOCID", "generator", "analyzer", "cascade"):
            getattr(java, part)
        reader = cast("org.apache.lucene.index.CompositeReader", java.reader)
        view = autoclass("org.apache.lucene.index.ParallelCompositeReader")
        empty = view(False, [reader], [])
        return index_searcher(cast("org.apache.lucene.index.IndexReader", empty))
    except (AttributeError, TypeError, JavaException) as error:
        logger.info("this Anserini is searched at its own pace: %s", error)
        return None


def lift_limit_of_terms() -> None:
    """Let Lucene search queries of more than 1,024 terms, such as whole documents."""
    from jnius import autoclass

    autoclass("org.apache.lucene.search.IndexSearcher").setMaxClauseCount(2**31 - 1)


def hits_search(
    java: Any, textless: Any, known: dict[int, str]
) -> Callable[[str, int], Hits]:
    """Return a function from query and k to hits, for a ``SimpleSearcher`` as set.

    Threads may share it: what it calls methods of never changes.

    Parameters
    ----------
    java, textless
        The searcher, and the view of its index.
    known
        Docids by Lucene's numbers; grows to `KNOWN_DOCIDS`.
    """
    from jnius import autoclass

    searcher = index_searcher(java.reader)
    searcher.setSimilarity(java.get_similarity())
    generator, analyzer, order = (
        java.generator,
        java.analyzer,
        java.BREAK_SCORE_TIES_BY_DOCID,
    )
    cascade, writer = java.cascade, json_writer()
    documents = autoclass("io.anserini.search.ScoredDocs")

    def search(query: str, k: int) -> Hits:
        built = generator.buildQuery("contents", analyzer, query)
        top = searcher.search(built, k, order, True)
        found = documents.fromTopDocs(top, textless)
        numbers = found.lucene_docids
        try:
            ids = [known[number] for number in numbers]
        except KeyError:
            ids = docids(writer.writeValueAsString(top))
            if len(known) < KNOWN_DOCIDS:
                known.update(zip(numbers, ids, strict=True))
        scores = cascade.run(found, None).scores
        return best_of_each(ids, scores)

    return search


def index_searcher(reader: Any) -> Any:
    """Return Lucene's ``IndexSearcher`` on a reader."""
    from jnius import autoclass

    return autoclass("org.apache.lucene.search.IndexSearcher")(reader)


@cache
def json_writer() -> Any:
    """Return Jackson's ``ObjectMapper``, writing public fields and nothing else."""
    from jnius import autoclass

    mapper = autoclass("com.fasterxml.jackson.databind.ObjectMapper")()
    accessor = autoclass("com.fasterxml.jackson.annotation.PropertyAccessor")
    visibility = autoclass("com.fasterxml.jackson.annotation.JsonAutoDetect$Visibility")
    feature = autoclass("com.fasterxml.jackson.databind.SerializationFeature")
    mapper.setVisibility(accessor.ALL, visibility.NONE)
    mapper.setVisibility(accessor.FIELD, visibility.PUBLIC_ONLY)
    mapper.configure(feature.FAIL_ON_EMPTY_BEANS, False)
    return mapper


def docids(top_docs: str) -> list[str]:
    """Return the docids in Lucene's ``TopFieldDocs``, written as JSON.

    Each is a ``BytesRef``: a stretch of a buffer of bytes, in base 64.

    Examples
    --------
    >>> docids('{"fields":[1.5,{"bytes":"TUFSQ08xAAA=","offset":0,"length":6}]}')
    ['MARCO1']
    """
    return [
        a2b_base64(buffer)[int(offset) :][: int(length)].decode()
        for buffer, offset, length in _DOCID.findall(top_docs)
    ]


def best_of_each(docids: Sequence[str], scores: Sequence[float]) -> Hits:
    """Return docid → score; of a docid that an index has twice, the first.

    Examples
    --------
    >>> best_of_each(["a", "b", "a"], [3.0, 2.0, 1.0])
    {'a': 3.0, 'b': 2.0}
    """
    hits = dict(zip(docids, scores, strict=True))
    if len(hits) < len(docids):
        hits = {}
        for docid, score in zip(docids, scores, strict=True):
            hits.setdefault(docid, score)
    return hits
