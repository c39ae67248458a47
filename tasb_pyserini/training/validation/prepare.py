"""A validation set as token ids, prepared once before training."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.records import Qrels
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.tokens import TokenTable, tokenize_table
from tasb_pyserini.training.tokens.table import ids_of
from tasb_pyserini.training.validation.candidates import (
    Validation,
    read_validation,
    unknown_docid,
)


@dataclass(frozen=True, slots=True)
class ValidationSet:
    """A validation set that is ready to be encoded, all of it in memory.

    Parameters
    ----------
    queries
        Token ids of the queries.
    passages
        Token ids of the distinct candidates.
    qids, docids
        Of these texts, in the same order.
    candidates
        For each query the numbers of its passages; int64, shape ``(n_candidates,)``.
    qrels
        Judgments of the queries.
    """

    queries: TokenTable
    passages: TokenTable
    qids: list[str]
    docids: list[str]
    candidates: list[NDArray[np.int64]]
    qrels: Qrels

    def fingerprint(self) -> str:
        """Return ``sha256:…`` of texts, ids, candidates and judgments."""
        digest = hashlib.sha256()
        for table in (self.queries, self.passages):
            digest.update(table.fingerprint().encode())
        for numbers in self.candidates:
            digest.update(len(numbers).to_bytes(8, "little"))
            digest.update(numbers.astype("<i8").tobytes())
        names = [self.qids, self.docids, self.qrels]
        digest.update(json.dumps(names).encode())
        return f"sha256:{digest.hexdigest()}"


def open_validation_set(
    folder: Path, passages: TokenTable, tokenizer: Tokenizer, spec: EncoderSpec
) -> ValidationSet:
    """Prepare a folder of ``tasb make-validation``, once before training.

    Parameters
    ----------
    folder
        Where it is.
    passages
        The collection's token ids, with docids; those needed are copied.
    tokenizer, spec
        Of the student, as the passages were tokenised for.

    Raises
    ------
    InputError
        If a file is bad, or names a passage that the collection lacks.
    TasbError
        If the folder is not there.
    """
    validation = read_validation(folder)
    docids = _distinct(validation)
    wanted = IdTable.of(docids)
    rows = ids_of(passages).find(wanted)
    unknown = np.flatnonzero(rows < 0)
    if len(unknown):
        raise unknown_docid(validation, docids[int(unknown[0])], len(unknown) - 1)
    table = _copy(passages, rows)
    passages.release()
    queries = tokenize_table(
        tokenizer,
        validation.topics.values(),
        spec.query_prefix,
        spec.query_max_length,
    )
    numbers = {docid: number for number, docid in enumerate(docids)}
    candidates = [
        np.array([numbers[docid] for docid in validation.candidates[qid]])
        for qid in validation.topics
    ]
    qids = list(validation.topics)
    return ValidationSet(queries, table, qids, docids, candidates, validation.qrels)


def _distinct(validation: Validation) -> list[str]:
    every = (docid for some in validation.candidates.values() for docid in some)
    return list(dict.fromkeys(every))


def _copy(table: TokenTable, rows: NDArray[np.int64]) -> TokenTable:
    """Return some texts of a table as a table of their own, in memory."""
    lengths = table.offsets[rows + 1] - table.offsets[rows]
    tokens = np.concatenate([table[row] for row in rows.tolist()])
    return TokenTable(tokens, np.concatenate([[0], np.cumsum(lengths)]))
