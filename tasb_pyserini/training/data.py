"""Training triples with their texts, tokenised once."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.check import refuse_duplicates
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.formats.triples import read_triples
from tasb_pyserini.training.tokens import TokenTable, tokenize_table


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Triples by position, and the texts that they name.

    Parameters
    ----------
    triples
        Columns query, pos, neg: positions in the tables below; int32, shape
        ``(n_triples, 3)``.
    queries, passages
        Tokenised texts.
    spec
        The encoder whose tokenizer, prefixes and lengths the texts were cut to.
    """

    triples: NDArray[np.int32]
    queries: TokenTable
    passages: TokenTable
    spec: EncoderSpec

    def fingerprints(self) -> dict[str, str]:
        """Return ``sha256:…`` of triples, queries and passages."""
        digest = hashlib.sha256(self.triples.tobytes())
        return {
            "triples": f"sha256:{digest.hexdigest()}",
            "queries": self.queries.fingerprint(),
            "passages": self.passages.fingerprint(),
        }


class _RepeatedId(TasbError):
    """An id that stands for two texts."""

    def __init__(self, name: str) -> None:
        super().__init__(f"id {name} comes twice; expected each id once")
        self.name = name


def tokenize_triples(
    triples: Iterable[Triple],
    queries: Mapping[str, str],
    passages: Mapping[str, str],
    tokenizer: Tokenizer,
    spec: EncoderSpec,
) -> TrainingData:
    """Return training data from texts in memory.

    Parameters
    ----------
    triples
        By id.
    queries, passages
        Id → text; those that no triple names are left out.
    tokenizer, spec
        Of the checkpoint from which training starts.

    Raises
    ------
    TasbError
        If there are no triples, or one names an unknown id.
    """
    return _tokenize(triples, queries.items(), passages.items(), tokenizer, spec, None)


def read_training_data(
    triples: Path,
    topics: Path,
    collection: Path,
    tokenizer: Tokenizer,
    spec: EncoderSpec,
) -> TrainingData:
    """Return training data from files; only passages that triples name are kept.

    Raises
    ------
    InputError
        If a file is bad, there are no triples, or a triple names an unknown id: its
        line is named.
    """
    passages = ((p.docid, p.contents) for p in read_collection(collection))
    queries = read_topics(topics).items()
    try:
        return _tokenize(
            read_triples(triples), queries, passages, tokenizer, spec, triples
        )
    except _RepeatedId as error:
        refuse_duplicates(collection, {hash(error.name)})
        raise


def _tokenize(
    triples: Iterable[Triple],
    queries: Iterable[tuple[str, str]],
    passages: Iterable[tuple[str, str]],
    tokenizer: Tokenizer,
    spec: EncoderSpec,
    source: Path | None,
) -> TrainingData:
    if min(spec.query_max_length, spec.passage_max_length) < 3:
        raise TasbError(
            f"lengths {spec.query_max_length} (query), {spec.passage_max_length} "
            "(passage): expected at least 3 tokens: [CLS], one of the text, [SEP]"
        )
    qids: dict[str, int] = {}
    docids: dict[str, int] = {}
    numbers = _number(triples, qids, docids)
    if not len(numbers):
        raise _error(source, None, "no triples", "at least one")
    query_texts, passage_texts = _Named(qids, queries), _Named(docids, passages)
    query_table = tokenize_table(
        tokenizer, query_texts, spec.query_prefix, spec.query_max_length
    )
    passage_table = tokenize_table(
        tokenizer, passage_texts, spec.passage_prefix, spec.passage_max_length
    )
    columns = [
        _positions(numbers[:, column], texts, kind, source)
        for column, texts, kind in (
            (0, query_texts, ("qid", "topics")),
            (1, passage_texts, ("docid", "collection")),
            (2, passage_texts, ("docid", "collection")),
        )
    ]
    return TrainingData(np.stack(columns, axis=1), query_table, passage_table, spec)


class _Named:
    """The texts that triples name, in the order in which they come.

    Parameters
    ----------
    names
        Id → number, in order of first appearance in the triples.
    items
        Ids with their texts.
    """

    def __init__(self, names: dict[str, int], items: Iterable[tuple[str, str]]) -> None:
        self.names = names
        self.items = items
        self.position = np.full(len(names), -1, dtype=np.int32)

    def __iter__(self) -> Iterator[str]:
        position = 0
        for name, text in self.items:
            number = self.names.get(name)
            if number is None:
                continue
            if self.position[number] >= 0:
                raise _RepeatedId(name)
            self.position[number] = position
            position += 1
            yield text


def _number(
    triples: Iterable[Triple], qids: dict[str, int], docids: dict[str, int]
) -> NDArray[np.int32]:
    """Return triples of numbers; ids are numbered by first appearance."""
    numbers = array("i")
    for triple in triples:
        numbers.append(qids.setdefault(triple.qid, len(qids)))
        numbers.append(docids.setdefault(triple.pos, len(docids)))
        numbers.append(docids.setdefault(triple.neg, len(docids)))
    return np.array(numbers, dtype=np.int32).reshape(-1, 3)


def _positions(
    numbers: NDArray[np.int32],
    texts: _Named,
    kind: tuple[str, str],
    source: Path | None,
) -> NDArray[np.int32]:
    positions = texts.position[numbers]
    unknown = np.flatnonzero(positions < 0)
    if len(unknown):
        # The reader skips no lines between triples, so rows are lines.
        row = int(unknown[0])
        name = list(texts.names)[numbers[row]]
        problem = f"unknown {kind[0]} {name!r}"
        raise _error(source, row + 1, problem, f"a {kind[0]} of the {kind[1]}")
    return positions


def _error(
    source: Path | None, line: int | None, problem: str, expected: str
) -> TasbError:
    if source is not None:
        return InputError(source, line, problem, expected)
    where = f"triple {line}" if line is not None else "triples"
    return TasbError(f"{where}: {problem}; expected {expected}")
