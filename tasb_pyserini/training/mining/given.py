"""Triples that somebody made: checked, cleaned and counted."""

import tempfile
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.training.mining.passages import PassageKeys, UnknownPassage
from tasb_pyserini.training.mining.report import MiningReport

TRIPLES_AT_ONCE = 10_000

Positives = dict[str, set[str]]
"""qid → its positives."""


def clean_triples(
    triples: Iterable[Triple],
    source: Path,
    *,
    topics: Container[str] | None = None,
    keys: PassageKeys | None = None,
    report: MiningReport | None = None,
    progress: bool = False,
) -> Iterator[Triple]:
    """Yield triples whose negative is none of the query's positives.

    The triples are taken once and kept in a temporary file, since the last of them may
    bring another positive of the first query; of the rest only each query's positives
    are in memory. Their order stays.

    Parameters
    ----------
    triples
        In the order of their lines.
    source
        Where they stand, for errors.
    topics
        qids that have a text. None: not checked.
    keys
        Of the collection: triples whose negative has the text of a positive of the
        query are left out too. It may be filled while `triples` are taken. None: ids
        and texts are not checked.
    report
        Where to count.
    progress
        Whether to show progress on stderr.

    Raises
    ------
    InputError
        If a triple names an unknown id.
    TasbError
        If no triple is left.
    """
    report = MiningReport() if report is None else report
    report.same_text = None if keys is None else 0
    # Without a name: it is gone with this process, however that ends.
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as spool:
        with tqdm(triples, "reading", unit=" triples", disable=not progress) as read:
            positives = _spool(read, spool, source, topics)
        report.queries = len(positives)
        clean = _clean(spool, positives, keys, report)
        with tqdm(
            clean, "writing", read.n, unit=" triples", disable=not progress
        ) as written:
            try:
                yield from report.count(written)
            except UnknownPassage:
                if keys is not None:
                    _refuse_unknown(spool, source, keys)
                raise


def _spool(
    triples: Iterable[Triple],
    spool: TextIO,
    source: Path,
    topics: Container[str] | None,
) -> Positives:
    positives: Positives = {}
    for number, triple in enumerate(triples, start=1):
        if topics is not None and triple.qid not in topics:
            problem = f"unknown qid {triple.qid!r}"
            raise InputError(source, number, problem, "one of the topics")
        positives.setdefault(triple.qid, set()).add(triple.pos)
        spool.write(f"{triple.qid}\t{triple.pos}\t{triple.neg}\n")
    return positives


def _clean(
    spool: TextIO,
    positives: Positives,
    keys: PassageKeys | None,
    report: MiningReport,
) -> Iterator[Triple]:
    texts = {} if keys is None else _texts(positives, keys)
    kept: set[str] = set()
    for block in _blocks(spool):
        others = [triple for triple in block if triple.neg not in positives[triple.qid]]
        report.judged_relevant += len(block) - len(others)
        if keys is not None:
            others = _other_texts(others, texts, keys, report)
        kept.update(triple.qid for triple in others)
        yield from others
    report.drop("without_negative", (qid for qid in positives if qid not in kept))


def _other_texts(
    triples: list[Triple],
    texts: dict[str, set[int]],
    keys: PassageKeys,
    report: MiningReport,
) -> list[Triple]:
    found = keys.find([triple.neg for triple in triples]).tolist()
    others = [
        triple
        for triple, key in zip(triples, found, strict=True)
        if key not in texts[triple.qid]
    ]
    report.same_text = (report.same_text or 0) + len(triples) - len(others)
    return others


def _texts(positives: Positives, keys: PassageKeys) -> dict[str, set[int]]:
    return {
        qid: set(keys.find(list(docids)).tolist()) for qid, docids in positives.items()
    }


def _blocks(spool: TextIO) -> Iterator[list[Triple]]:
    spool.seek(0)
    while lines := list(islice(spool, TRIPLES_AT_ONCE)):
        yield [Triple(*line.rstrip("\n").split("\t")) for line in lines]


def _refuse_unknown(spool: TextIO, source: Path, keys: PassageKeys) -> None:
    """Raise an error at the first line with a docid that `keys` lacks."""
    before = 0
    for block in _blocks(spool):
        docids = [docid for triple in block for docid in (triple.pos, triple.neg)]
        try:
            keys.find(docids)
        except UnknownPassage as error:
            line = before + docids.index(error.docid) // 2 + 1
            problem = f"unknown docid {error.docid!r}"
            raise InputError(source, line, problem, "one of the collection") from error
        before += len(block)
