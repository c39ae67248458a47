"""Text triples that become triples of the ids of a collection and topics."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import Passage, Triple
from tasb_pyserini.formats.same_text import collapse, digest
from tasb_pyserini.formats.text_triples import TextTriple

SHOWN = 60
"""Characters of a text in an error."""


def look_up_ids(
    triples: Iterable[TextTriple],
    source: Path,
    topics: Mapping[str, str],
    passages: Iterable[Passage],
) -> Iterator[Triple]:
    """Yield text triples with the ids that the texts have, white space collapsed.

    Texts are kept as hashes of 16 bytes. Where several ids have the same text, the
    first stands for all.

    Parameters
    ----------
    triples
        In the order of their lines.
    source
        Where they stand, for errors.
    topics
        qid → query.
    passages
        Of the collection; taken once, before the first triple.

    Raises
    ------
    InputError
        At the first text that is not there.
    """
    qids = _ids_by_text(topics.items())
    docids = _ids_by_text((passage.docid, passage.contents) for passage in passages)
    for number, triple in enumerate(triples, start=1):
        qid = qids.get(digest(collapse(triple.query)))
        if qid is None:
            raise _unknown(source, number, "query", triple.query, "a query of --topics")
        pos, neg = (
            docids.get(digest(collapse(text))) for text in (triple.pos, triple.neg)
        )
        expected = "a passage of --collection"
        if pos is None:
            raise _unknown(source, number, "positive", triple.pos, expected)
        if neg is None:
            raise _unknown(source, number, "negative", triple.neg, expected)
        yield Triple(qid, pos, neg)


def _ids_by_text(texts: Iterable[tuple[str, str]]) -> dict[bytes, str]:
    ids: dict[bytes, str] = {}
    for name, text in texts:
        ids.setdefault(digest(collapse(text)), name)
    return ids


def _unknown(
    source: Path, number: int, name: str, text: str, expected: str
) -> InputError:
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    problem = f"unknown {name} {shown!r}"
    remedy = "give the texts that the triples were made of, or --texts DIR"
    return InputError(source, number, problem, expected, remedy)
