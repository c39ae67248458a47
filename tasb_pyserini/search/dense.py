"""Dense search: query vectors against an index."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from tasb_pyserini.encoders.encoded_queries import EncodedQueries
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.spec import check_index
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import ranked
from tasb_pyserini.search.best import Positions
from tasb_pyserini.search.faiss_index import Vectors, check_finite

BLOCK = 512
"""Queries searched at a time: few enough for a bar that moves, and for Ctrl-C, and so
many that an index is seldom read again."""


class Index(Protocol):
    """What can be searched: one index folder, or several as one."""

    docids: list[str]

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where it lies."""

    def search(
        self, vectors: Vectors, k: int, threads: int | None = None
    ) -> tuple[Vectors, Positions]:
        """Return scores and positions, best first."""


def dense_run(
    index: Index,
    qids: Sequence[str],
    vectors: Vectors,
    k: int,
    threads: int | None = None,
) -> Run:
    """Search encoded queries; ties are ordered as trec_eval orders them.

    A docid that an index has twice keeps its better score.
    """
    docids = index.docids
    k = min(k, max(1, len(docids)))
    scores, positions = index.search(vectors, k, threads)
    return {
        qid: dict(
            ranked(
                {
                    docids[position]: float(score)
                    for score, position in zip(row[::-1], hits[::-1], strict=True)
                    if position >= 0
                }
            )
        )
        for qid, row, hits in zip(qids, scores, positions, strict=True)
    }


def dense_runs(
    index: Index,
    qids: Sequence[str],
    vectors: Vectors,
    k: int,
    threads: int | None = None,
) -> Iterator[Run]:
    """Yield the parts of `dense_run`, of at most `BLOCK` queries each."""
    check_finite(vectors)
    for start in range(0, len(qids), BLOCK):
        here = slice(start, start + BLOCK)
        yield dense_run(index, qids[here], vectors[here], k, threads)


def search_topics(
    index: Index,
    encoder: Encoder,
    topics: Topics,
    k: int,
    threads: int | None = None,
) -> Run:
    """Encode all topics and search them; see `encode_topics`."""
    vectors = encode_topics(index, encoder, topics)
    return dense_run(index, list(topics), vectors, k, threads)


def encode_topics(index: Index, encoder: Encoder, topics: Topics) -> Vectors:
    """Return the vectors of all topics, for a search of an index.

    Raises
    ------
    TasbError
        If another encoder built the index.
    """
    for folder in index.folders:
        check_index(folder, encoder.spec)
    return encoder.encode_queries(list(topics.values()))


def encoded_vectors(encoded: EncodedQueries, topics: Topics) -> Vectors:
    """Return topics' vectors that were encoded before, found by their text.

    Raises
    ------
    TasbError
        If a topic has no vector.
    """
    rows = {query: row for row, query in enumerate(encoded.queries)}
    missing = [qid for qid, query in topics.items() if query not in rows]
    if missing:
        raise TasbError(
            f"no vector for query {missing[0]} ({topics[missing[0]]!r}) and "
            f"{len(missing) - 1} others; expected the encoded queries of these topics"
        )
    return encoded.vectors[[rows[query] for query in topics.values()]]
