"""From hits and qrels to training triples."""

import zlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

import numpy as np

from tasb_pyserini.formats.records import Qrels, Triple
from tasb_pyserini.formats.runs import ranked
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.passages import PassageKeys
from tasb_pyserini.training.mining.report import MiningReport

Hits = Iterable[tuple[str, Mapping[str, float]]]
"""Queries with their hits, docid → score, as they come: ``run.items()`` or a stream."""


def mine_triples(
    hits: Hits,
    qrels: Qrels,
    config: MiningConfig,
    *,
    topics: Container[str] | None = None,
    keys: PassageKeys | None = None,
    report: MiningReport | None = None,
) -> Iterator[Triple]:
    """Yield triples of a judged relevant passage and a hit that is not.

    Each positive of a query meets each of the negatives drawn for the query. What is
    drawn for a query depends on its qid, its hits, the texts and the seed alone, never
    on the other queries or their order.

    Parameters
    ----------
    hits
        Of the queries, one query in memory at a time; those of other queries than the
        judged are passed over.
    qrels
        Judgments.
    config
        How to draw.
    topics
        qids that have a text; other queries are dropped. None: all have.
    keys
        Of the collection: hits with the text of a positive of the query are left out
        before the draw. None: texts are not compared.
    report
        Where to count.

    Raises
    ------
    TasbError
        At the end, if not one triple came out.
    UnknownPassage
        If `keys` lacks a positive or a hit in reach.
    """
    report = MiningReport() if report is None else report
    report.same_text = None if keys is None else 0
    positives = queries_to_mine(qrels, config.relevance_level, topics, report)
    yield from report.count(_mine(hits, positives, qrels, config, keys, report))


def queries_to_mine(
    qrels: Qrels,
    relevance_level: int,
    topics: Container[str] | None = None,
    report: MiningReport | None = None,
) -> dict[str, list[str]]:
    """Return the judged queries that have positives and a text, with the positives.

    Parameters
    ----------
    qrels, relevance_level, topics, report
        As of `mine_triples`.
    """
    report = MiningReport() if report is None else report
    queries: dict[str, list[str]] = {}
    for qid, grades in qrels.items():
        report.queries += 1
        positives = [docid for docid, g in grades.items() if g >= relevance_level]
        if not positives:
            report.drop("without_positive", [qid])
        elif topics is not None and qid not in topics:
            report.drop("not_in_topics", [qid])
        else:
            queries[qid] = positives
    return queries


def _mine(
    hits: Hits,
    waiting: dict[str, list[str]],
    qrels: Qrels,
    config: MiningConfig,
    keys: PassageKeys | None,
    report: MiningReport,
) -> Iterator[Triple]:
    """Yield the triples of all queries in `waiting`, which are taken out of it."""
    for qid, found in hits:
        if not found or qid not in waiting:
            continue
        positives = waiting.pop(qid)
        in_reach = [docid for docid, _ in ranked(found)[config.skip : config.depth]]
        candidates = [docid for docid in in_reach if qrels[qid].get(docid, 0) < 1]
        report.judged_relevant += len(in_reach) - len(candidates)
        if keys is not None:
            candidates = _other_texts(candidates, positives, keys, report)
        if not candidates:
            report.drop("without_negative", [qid])
            continue
        negatives = draw_negatives(qid, candidates, config)
        yield from (Triple(qid, pos, neg) for pos in positives for neg in negatives)
    report.drop("not_in_run", waiting)


def _other_texts(
    candidates: list[str],
    positives: Sequence[str],
    keys: PassageKeys,
    report: MiningReport,
) -> list[str]:
    """Return the candidates whose text is not that of a positive; count the rest."""
    texts = set(keys.find(positives).tolist())
    others = [
        docid
        for docid, key in zip(candidates, keys.find(candidates).tolist(), strict=True)
        if key not in texts
    ]
    report.same_text = (report.same_text or 0) + len(candidates) - len(others)
    return others


def draw_negatives(
    qid: str, candidates: Sequence[str], config: MiningConfig
) -> list[str]:
    """Return negatives for a query, each candidate as likely as any other.

    Parameters
    ----------
    qid
        With the seed it decides what is drawn.
    candidates
        docids, best rank first; at least one.
    config
        How many, and whether with replacement.

    Returns
    -------
    list of str
        Best rank first.
    """
    if not config.with_replacement and len(candidates) <= config.negatives:
        return list(candidates)
    rng = np.random.default_rng([config.seed, zlib.crc32(qid.encode())])
    places = rng.choice(
        len(candidates), size=config.negatives, replace=config.with_replacement
    )
    return [candidates[place] for place in sorted(places.tolist())]
