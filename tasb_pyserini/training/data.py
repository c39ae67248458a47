"""Training data: pairs by number, and the token ids of their texts."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.source import open_source
from tasb_pyserini.training.pairs.store import Pairs, pairs_of
from tasb_pyserini.training.tokens import (
    TokenTable,
    tokenize_collection,
    tokenize_table,
    tokenize_topics,
)
from tasb_pyserini.training.tokens.table import ids_of

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Passage pairs, and the texts that they name.

    Parameters
    ----------
    pairs
        By number, with or without teacher scores.
    queries, passages
        Tokenised texts, perhaps more than the pairs name.
    query_rows, passage_rows
        Where in these tables a query or passage of `pairs` stands; int64, shapes
        ``(n_qids,)`` and ``(n_docids,)``.
    spec
        The encoder whose tokenizer, prefixes and lengths the texts were cut to.
    """

    pairs: Pairs
    queries: TokenTable
    passages: TokenTable
    query_rows: Rows
    passage_rows: Rows
    spec: EncoderSpec

    def fingerprints(self) -> dict[str, str]:
        """Return ``sha256:…`` of pairs, queries and passages."""
        return {
            "pairs": hash_pairs(self.pairs),
            "queries": self.queries.fingerprint(),
            "passages": self.passages.fingerprint(),
        }


def tokenize_triples(
    triples: Iterable[Triple | ScoredTriple],
    queries: Mapping[str, str],
    passages: Mapping[str, str],
    tokenizer: Tokenizer,
    spec: EncoderSpec,
) -> TrainingData:
    """Return training data from texts in memory.

    Parameters
    ----------
    triples
        By id, with or without teacher scores.
    queries, passages
        Id → text; those that no triple names are left out.
    tokenizer, spec
        Of the checkpoint from which training starts.

    Raises
    ------
    TasbError
        If there are no triples, or one names an unknown id.
    """
    _check_lengths(spec)
    pairs = pairs_of(triples)
    if not len(pairs):
        raise TasbError("no triples; expected at least one")
    return TrainingData(
        pairs,
        tokenize_table(
            tokenizer,
            _texts(pairs.qids, queries, "query"),
            spec.query_prefix,
            spec.query_max_length,
        ),
        tokenize_table(
            tokenizer,
            _texts(pairs.docids, passages, "passage"),
            spec.passage_prefix,
            spec.passage_max_length,
        ),
        np.arange(len(pairs.qids)),
        np.arange(len(pairs.docids)),
        spec,
    )


def read_training_data(
    source: Path,
    topics: Path,
    collection: Path,
    tokenizer: Tokenizer,
    spec: EncoderSpec,
    cache: Path,
    *,
    progress: bool = False,
) -> TrainingData:
    """Return training data from files; all texts are tokenised once, into `cache`.

    Parameters
    ----------
    source
        Folder of pairs, or file of triples.
    topics, collection
        Where the texts are.
    tokenizer, spec
        Of the checkpoint from which training starts.
    cache
        Folder for what is made from the files, and used again while they stay the same;
        see :func:`~tasb_pyserini.formats.cache.cache_folder`.
    progress
        Whether to show progress on stderr.

    Raises
    ------
    InputError
        If a file is bad, or a pair names an id that is not there.
    """
    _check_lengths(spec)
    queries = tokenize_topics(topics, tokenizer, spec, cache, progress=progress)
    passages = tokenize_collection(
        collection, tokenizer, spec, cache, progress=progress
    )
    qids, docids = ids_of(queries), ids_of(passages)
    pairs = open_source(source, qids, docids, cache, progress=progress)
    return TrainingData(
        pairs,
        queries,
        passages,
        _rows(qids, pairs.qids, "qid", topics),
        _rows(docids, pairs.docids, "docid", collection),
        spec,
    )


def hash_pairs(pairs: Pairs) -> str:
    """Return ``sha256:…`` of the ids, the pairs and their scores."""
    digest = hashlib.sha256(pairs.qids.tobytes())
    digest.update(pairs.docids.tobytes())
    for column in (
        pairs.offsets,
        pairs.pos,
        pairs.neg,
        pairs.pos_score,
        pairs.neg_score,
    ):
        if column is not None:
            digest.update(column.data)
    return f"sha256:{digest.hexdigest()}"


def _check_lengths(spec: EncoderSpec) -> None:
    if min(spec.query_max_length, spec.passage_max_length) < 3:
        raise TasbError(
            f"lengths {spec.query_max_length} (query), {spec.passage_max_length} "
            "(passage): expected at least 3 tokens: [CLS], one of the text, [SEP]"
        )


def _texts(names: IdTable, texts: Mapping[str, str], kind: str) -> Iterable[str]:
    for name in names:
        if name not in texts:
            raise TasbError(f"no text for {kind} {name!r}; expected one for each id")
        yield texts[name]


def _rows(known: IdTable, names: IdTable, kind: str, source: Path) -> Rows:
    rows = known.find(names)
    unknown = np.flatnonzero(rows < 0)
    if len(unknown):
        raise InputError(
            source,
            None,
            f"no {kind} {names[int(unknown[0])]!r}, which the pairs name, and "
            f"{len(unknown) - 1} more",
            "the topics and collection that the pairs were made from",
        )
    return rows
