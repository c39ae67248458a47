"""The first hits of each query with their texts, and their place in the new run."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import ranked


class Candidates(NamedTuple):
    """A query with the passages to rerank, in the order of the run."""

    qid: str
    query: str
    docids: list[str]
    passages: list[str]


def take_candidates(
    run: Run, topics: Topics, texts: Mapping[str, str], depth: int
) -> list[Candidates]:
    """Return the first `depth` hits of each query of a run, best first.

    Raises
    ------
    TasbError
        If the topics lack a query of the run, or the texts a docid.
    """
    refuse_unknown(run, topics)
    lists = []
    for qid, docids in top(run, depth).items():
        if lost := next((docid for docid in docids if docid not in texts), None):
            raise TasbError(f"no text of docid {lost}, a hit of query {qid}")
        passages = [texts[docid] for docid in docids]
        lists.append(Candidates(qid, topics[qid], docids, passages))
    return lists


def refuse_unknown(run: Run, topics: Topics) -> None:
    """Raise an error where the topics lack a query of a run.

    Raises
    ------
    TasbError
        It names the first, and how many there are.
    """
    if unknown := [qid for qid in run if qid not in topics]:
        raise TasbError(
            f"query {unknown[0]} of the run ({len(unknown):,} in all) is not in the "
            "topics; expected the topics that were searched"
        )


def top(run: Run, depth: int) -> dict[str, list[str]]:
    """Return the first `depth` docids of each query.

    Examples
    --------
    >>> top({"q": {"a": 3.0, "b": 2.0, "c": 1.0}}, depth=2)
    {'q': ['a', 'b']}
    """
    return {qid: list(islice(hits, depth)) for qid, hits in run.items()}


def reorder(run: Run, lists: Sequence[Candidates], scores: NDArray[np.float32]) -> Run:
    """Return the run with the candidates in the order of their scores.

    Hits below them keep their order: the first gets the lowest score of the
    candidates less 1, each further one 1 less. So a run is reranked without loss of
    recall.

    Parameters
    ----------
    run
        Hits of each query, best first.
    lists
        The first hits of each query of the run.
    scores
        Of all candidates, end to end.

    Examples
    --------
    >>> run = {"q": {"a": 9.0, "b": 8.0, "c": 7.0, "d": 7.0}}
    >>> lists = [Candidates("q", "what", ["a", "b"], ["A", "B"])]
    >>> reorder(run, lists, np.array([0.25, 0.5], np.float32))
    {'q': {'b': 0.5, 'a': 0.25, 'c': -0.75, 'd': -1.75}}
    """
    reranked: Run = {}
    remaining = iter(scores.tolist())
    for qid, _, docids, _ in lists:
        hits = dict(ranked(dict(zip(docids, remaining, strict=False))))
        lowest = min(hits.values(), default=0.0)
        below = (docid for docid in run[qid] if docid not in hits)
        hits |= {docid: lowest - rank for rank, docid in enumerate(below, start=1)}
        reranked[qid] = hits
    return reranked
