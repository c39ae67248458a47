"""The mean of several teachers' scores, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.ids import IdTable, write_ids
from tasb_pyserini.training.pairs.store import (
    DOCIDS,
    QIDS,
    Pairs,
    open_pairs,
    sort_columns,
)
from tasb_pyserini.training.pairs.writer import StoreWriter, new_store

PAIRS_AT_ONCE = 1_000_000


def average_pairs(
    folders: Sequence[Path], output: Path, *, progress: bool = False
) -> dict[str, Any]:
    """Make a store with the mean of the scores that several teachers gave.

    So the published ensemble T2 was made of three teachers (matchmaker's
    ``teacher_scores_ensemble.py``). The mean is taken in double precision and stored
    in single precision. About a million pairs a teacher are in memory at once.

    Parameters
    ----------
    folders
        Stores of scored pairs, one a teacher.
    output
        The folder to write.
    progress
        Show a bar on stderr.

    Returns
    -------
    dict[str, Any]
        What ``pairs.json`` says: the counts, and `left_out`: for each of `folders`
        how many of its pairs were left out, because another teacher lacks them.

    Raises
    ------
    TasbError
        If there are less than two folders, a folder does not hold scored pairs, a
        teacher scores a pair in two ways, or no pair is scored by all.
    """
    if len(folders) < 2:
        raise TasbError("one store of pairs; expected at least two to average")
    teachers = [_Teacher(folder) for folder in folders]
    first = teachers[0].pairs
    for teacher in teachers:
        teacher.number_as(first)
    with (
        new_store(output, scored=True) as store,
        tqdm(
            total=len(first), unit=" pairs", unit_scale=True, disable=not progress
        ) as bar,
    ):
        for begin, end in first.blocks(PAIRS_AT_ONCE):
            rows = [teacher.rows(begin, end) for teacher in teachers]
            store.append(_mean(rows))
            bar.update(int(first.offsets[end] - first.offsets[begin]))
        if not store.pairs:
            names = ", ".join(map(str, folders))
            raise TasbError(
                f"{names}: no pair is in all; expected teachers of the same"
            )
        _keep_used(store, ("qid",), first.qids, QIDS)
        _keep_used(store, ("pos", "neg"), first.docids, DOCIDS)
        left_out = {
            str(folder): len(teacher.pairs) - store.pairs
            for folder, teacher in zip(folders, teachers, strict=True)
        }
        sources = {"pairs": [str(folder) for folder in folders]}
        return store.finish({"sources": sources, "left_out": left_out})


class _Teacher:
    """One teacher's pairs, under the id numbers of the first teacher's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pairs = open_pairs(folder)
        self.pairs.margins(slice(0, 0))  # Refuses pairs without scores.

    def number_as(self, first: Pairs) -> None:
        # The query here of each query of the first; the reverse for passages.
        self._queries = self.pairs.qids.find(first.qids)
        self._docids = first.docids.find(self.pairs.docids).astype(np.int32)

    def rows(self, begin: int, end: int) -> dict[str, Any]:
        """Return the rows of the first teacher's queries `begin` to `end`."""
        here = self._queries[begin:end]
        queries = here[here >= 0]
        starts = self.pairs.offsets[queries]
        sizes = self.pairs.offsets[queries + 1] - starts
        before = np.cumsum(sizes) - sizes
        rows = np.repeat(starts - before, sizes) + np.arange(sizes.sum())
        pairs: Any = self.pairs
        columns = {
            "qid": np.repeat(np.flatnonzero(here >= 0) + begin, sizes),
            "pos": self._docids[pairs.pos[rows]],
            "neg": self._docids[pairs.neg[rows]],
            "pos_score": pairs.pos_score[rows].astype(np.float64),
            "neg_score": pairs.neg_score[rows].astype(np.float64),
        }
        known = (columns["pos"] >= 0) & (columns["neg"] >= 0)
        columns = {name: column[known] for name, column in columns.items()}
        order = np.lexsort((columns["neg"], columns["pos"], columns["qid"]))
        columns = {name: column[order] for name, column in columns.items()}
        self._refuse_doubles(columns)
        return columns

    def _refuse_doubles(self, columns: dict[str, Any]) -> None:
        keys = np.stack([columns[name] for name in ("qid", "pos", "neg")])
        same = np.flatnonzero((keys[:, 1:] == keys[:, :-1]).all(axis=0))
        if len(same):
            raise TasbError(
                f"{self.folder}: {len(same)} pairs are scored in two ways; expected "
                "each pair once; make the folder from a file that says so"
            )


def _mean(teachers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the pairs that all teachers have, sorted, with the means."""
    ids = ("qid", "pos", "neg")
    joined = {
        name: np.concatenate([columns[name] for columns in teachers])
        for name in teachers[0]
    }
    # A stable sort: within a pair, the teachers stay in the order given.
    order = np.lexsort((joined["neg"], joined["pos"], joined["qid"]))
    joined = {name: column[order] for name, column in joined.items()}
    changes = [joined[name][1:] != joined[name][:-1] for name in ids]
    starts = np.flatnonzero(np.r_[True, np.any(changes, axis=0)][: len(order)])
    sizes = np.diff(np.r_[starts, len(order)])
    full = starts[sizes == len(teachers)]
    mean: dict[str, Any] = {name: joined[name][full] for name in ids}
    for name in ("pos_score", "neg_score"):
        rows = full[:, None] + np.arange(len(teachers))
        mean[name] = joined[name][rows].mean(axis=1).astype(np.float32)
    return sort_columns(mean)


def _keep_used(
    store: StoreWriter, names: Sequence[str], table: IdTable, file: str
) -> None:
    """Write the ids that rows name, and number them anew in those rows."""
    columns = [store.column(name) for name in names]
    used = np.zeros(len(table), bool)
    pieces = [
        column[begin : begin + PAIRS_AT_ONCE]
        for column in columns
        for begin in range(0, len(column), PAIRS_AT_ONCE)
    ]
    for piece in pieces:
        used[piece] = True
    if not used.all():
        numbers = np.cumsum(used, dtype=np.int32) - 1
        for piece in pieces:
            piece[:] = numbers[piece]
        table = IdTable.of(table[int(number)] for number in np.flatnonzero(used))
    write_ids(store.folder / file, table)
