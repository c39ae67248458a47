"""The tokens of the queries and passages that pairs name."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.source import open_source
from tasb_pyserini.training.pairs.store import DOCIDS, QIDS, Pairs
from tasb_pyserini.training.scoring.pairwise import PairwiseTeacher
from tasb_pyserini.training.tokens.build import TextForm
from tasb_pyserini.training.tokens.store import tokenize_passages, tokenize_queries
from tasb_pyserini.training.tokens.table import TokenTable, ids_of


@dataclass(frozen=True, slots=True)
class Texts:
    """Token ids, without special tokens, by the number of a qid or docid.

    Parameters
    ----------
    table
        Token ids of all texts of the file.
    rows
        Where in `table` the text of each number is, shape ``(n_ids,)``.
    """

    table: TokenTable
    rows: NDArray[np.int64]

    def of(self, numbers: NDArray[np.int64]) -> list[NDArray[np.integer]]:
        """Return the token ids of each number."""
        return [self.table[row] for row in self.rows[numbers]]


def open_texts(
    source: Path,
    topics: Path,
    collection: Path,
    teacher: PairwiseTeacher,
    cache: Path,
    *,
    progress: bool,
) -> tuple[Pairs, Texts, Texts]:
    """Return pairs, their queries and their passages; see `score_pairs`."""
    form = TextForm(
        max_length=teacher.query_room,
        prefix=teacher.query_prefix,
        special_tokens=False,
    )
    queries = tokenize_queries(
        topics, teacher.tokenizer, form, cache, progress=progress
    )
    form = TextForm(
        max_length=teacher.passage_room,
        prefix=teacher.passage_prefix,
        special_tokens=False,
    )
    passages = tokenize_passages(
        collection, teacher.tokenizer, form, cache, progress=progress
    )
    qids, docids = ids_of(queries), ids_of(passages)
    pairs = open_source(source, qids, docids, cache, progress=progress)
    folder = pairs.folder or source
    query_rows = _rows(qids, pairs.qids, folder / QIDS, f"a qid of {topics}")
    docid_of = f"a docid of {collection}"
    passage_rows = _rows(docids, pairs.docids, folder / DOCIDS, docid_of)
    return pairs, Texts(queries, query_rows), Texts(passages, passage_rows)


def _rows(
    known: IdTable, wanted: IdTable, path: Path, expected: str
) -> NDArray[np.int64]:
    rows = known.find(wanted)
    unknown = np.flatnonzero(rows < 0)
    if len(unknown):
        number = int(unknown[0])
        raise InputError(path, number + 1, f"unknown id {wanted[number]}", expected)
    return rows
