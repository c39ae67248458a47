"""Text triples that become a collection, topics and triples of their own."""

import json
from collections.abc import Iterable, Iterator
from typing import TextIO

from tasb_pyserini.formats.records import Triple
from tasb_pyserini.formats.same_text import collapse, digest
from tasb_pyserini.formats.text_triples import TextTriple
from tasb_pyserini.training.mining.passages import PassageKeys


def number_texts(
    triples: Iterable[TextTriple], corpus: TextIO, topics: TextIO, keys: PassageKeys
) -> Iterator[Triple]:
    """Yield triples of new ids; write each different text once, where it first comes.

    Queries become q1, q2, …, passages p1, p2, … in the order of first appearance. White
    space is collapsed before texts are compared and in what is written. A text is kept
    in memory as a hash of 16 bytes.

    Parameters
    ----------
    triples
        By text.
    corpus
        Takes passages, JSONL of ``id`` and ``contents``.
    topics
        Takes ``qid<TAB>query`` lines.
    keys
        Takes the key of each passage.
    """
    qids: dict[bytes, int] = {}
    docids: dict[bytes, int] = {}

    def name_query(text: str) -> str:
        number = qids.setdefault(digest(text), len(qids) + 1)
        return f"q{number}"

    def name_passage(text: str) -> str:
        known = len(docids)
        contents = collapse(text)
        docid = f"p{docids.setdefault(digest(contents), known + 1)}"
        if len(docids) > known:
            record = {"id": docid, "contents": contents}
            corpus.write(json.dumps(record, ensure_ascii=False) + "\n")
            keys.add(docid, contents)
        return docid

    for triple in triples:
        known = len(qids)
        query = collapse(triple.query)
        qid = name_query(query)
        if len(qids) > known:
            topics.write(f"{qid}\t{query}\n")
        yield Triple(qid, name_passage(triple.pos), name_passage(triple.neg))
