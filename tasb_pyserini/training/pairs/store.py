"""The store of passage pairs: columns on disk, memory-mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import read_object
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.ids import IdTable

COLUMNS, QIDS, DOCIDS = "pairs.arrow", "qids.txt", "docids.txt"
MANIFEST = "pairs.json"
FORM = "tasb pairs 1"
IDS = {"qid": "int32", "pos": "int32", "neg": "int32"}
SCORES = {"pos_score": "float32", "neg_score": "float32"}
REMEDY = "make the folder again with tasb pairs import"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Passage pairs grouped by query, within a query by rising teacher margin.

    Pairs of equal margin, and pairs without scores, stand by pos, then neg. A store
    that was opened from a folder pickles as the folder's name.

    Parameters
    ----------
    qids, docids
        The ids; an id's number is its rank by UTF-8 bytes.
    offsets
        Rows of query i are ``offsets[i]:offsets[i + 1]``; int64, shape
        ``(n_queries + 1,)``. Every query has a row.
    pos, neg
        Numbers in `docids`; int32, shape ``(n_pairs,)``.
    pos_score, neg_score
        The teacher's scores; float32, shape ``(n_pairs,)``; None where not scored.
    folder
        Where the columns are mapped from; None where they are in memory.
    """

    qids: IdTable
    docids: IdTable
    offsets: NDArray[np.int64]
    pos: NDArray[np.int32]
    neg: NDArray[np.int32]
    pos_score: NDArray[np.float32] | None = None
    neg_score: NDArray[np.float32] | None = None
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.pos)

    @property
    def n_queries(self) -> int:
        """Number of queries, each with at least one pair."""
        return len(self.qids)

    def blocks(self, n_rows: int) -> Iterator[tuple[int, int]]:
        """Yield runs of queries, the first and the one behind the last of each.

        They have at most `n_rows` rows; a query with more stands alone.
        """
        begin = 0
        while begin < self.n_queries:
            most = self.offsets[begin] + n_rows
            full = int(np.searchsorted(self.offsets, most, side="right")) - 1
            end = max(begin + 1, full)
            yield begin, end
            begin = end

    def margins(self, rows: slice | NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the signed margins of some rows.

        Margin = score of pos minus score of neg (Hofstätter et al., 2021, §2.3), in
        double precision; of the shape of `rows`.

        Raises
        ------
        TasbError
            If the pairs have no scores.
        """
        if self.pos_score is None or self.neg_score is None:
            name = self.folder or "pairs"
            raise TasbError(
                f"{name}: no scores; expected scored pairs; score them with tasb score"
            )
        margins = self.pos_score[rows].astype(np.float64)
        margins -= self.neg_score[rows]  # in place: these may be all pairs
        return margins

    def __reduce__(self) -> tuple[Any, ...]:
        if self.folder is not None:
            return open_pairs, (self.folder,)
        return Pairs, tuple(getattr(self, field.name) for field in fields(self))


def open_pairs(folder: Path) -> Pairs:
    """Open a folder of pairs: columns are mapped, not read.

    Raises
    ------
    TasbError
        If the folder does not hold pairs, or a file of it was cut short.
    """
    manifest = read_manifest(folder)
    for name, size in manifest["bytes"].items():
        if not (folder / name).is_file():
            raise TasbError(f"{folder / name}: no such file; {REMEDY}")
        found = (folder / name).stat().st_size
        if found != size:
            raise TasbError(
                f"{folder / name}: {found} bytes; expected {size} as {MANIFEST} says; "
                f"{REMEDY}"
            )
    columns = _map_columns(folder / COLUMNS)
    qids, docids = IdTable.open(folder / QIDS), IdTable.open(folder / DOCIDS)
    return Pairs(
        qids=qids,
        docids=docids,
        offsets=row_offsets(columns.pop("qid"), len(qids)),
        folder=folder.resolve(),
        **columns,
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what ``pairs.json`` says: counts, sources, sizes of the files.

    Raises
    ------
    TasbError
        If the folder does not hold pairs.
    """
    expected = "expected a folder written by tasb pairs import"
    if not folder.is_dir():
        raise TasbError(f"{folder}: no such folder; {expected}")
    path = folder / MANIFEST
    if not path.is_file():
        raise TasbError(f"{folder}: no {MANIFEST} in it; {expected}")
    manifest = read_object(path, f"the form {FORM!r}", REMEDY)
    if manifest.get("form") != FORM or not isinstance(manifest.get("bytes"), dict):
        raise TasbError(f"{path}: not of the form {FORM!r}; {REMEDY}")
    return manifest


def pairs_of(rows: Iterable[Triple | ScoredTriple]) -> Pairs:
    """Return pairs in memory, in the order of the store; exact repeats once.

    Raises
    ------
    TasbError
        If only some of the rows have scores.
    """
    kept = list(rows)
    scored = [row for row in kept if isinstance(row, ScoredTriple)]
    if scored and len(scored) != len(kept):
        raise TasbError(f"{len(scored)} of {len(kept)} pairs scored; expected all")
    qids = sorted({row.qid for row in kept}, key=str.encode)
    docids = sorted({d for row in kept for d in (row.pos, row.neg)}, key=str.encode)
    query = {name: number for number, name in enumerate(qids)}
    passage = {name: number for number, name in enumerate(docids)}
    columns: dict[str, Any] = {
        "qid": np.array([query[row.qid] for row in kept], np.int32),
        "pos": np.array([passage[row.pos] for row in kept], np.int32),
        "neg": np.array([passage[row.neg] for row in kept], np.int32),
    }
    if scored:
        # Adding 0 makes -0 into 0, so that equal scores are equal bytes.
        columns["pos_score"] = np.array([r.pos_score for r in scored], np.float32) + 0
        columns["neg_score"] = np.array([r.neg_score for r in scored], np.float32) + 0
    columns = _distinct(sort_columns(columns))
    return Pairs(
        qids=IdTable.of(qids),
        docids=IdTable.of(docids),
        offsets=row_offsets(columns.pop("qid"), len(qids)),
        **columns,
    )


def sort_columns(columns: dict[str, Any]) -> dict[str, Any]:
    """Return columns in the order of the store: qid, margin, pos, neg, scores.

    The scores themselves come last, so that any order of the same rows gives the
    same store.
    """
    keys = [columns["neg"], columns["pos"]]
    if "pos_score" in columns:
        pos, neg = columns["pos_score"], columns["neg_score"]
        keys = [neg, pos, *keys, pos.astype(np.float64) - neg]
    order = np.lexsort((*keys, columns["qid"]))
    return {name: column[order] for name, column in columns.items()}


def row_offsets(qid: NDArray[np.int32], n_queries: int) -> NDArray[np.int64]:
    """Return where each query's rows begin, and behind them where the last ones end.

    Parameters
    ----------
    qid
        Rising numbers below `n_queries`, shape ``(n_pairs,)``.
    n_queries
        Number of queries.
    """
    numbers = np.arange(n_queries + 1, dtype=qid.dtype)
    return np.searchsorted(qid, numbers).astype(np.int64)


def _distinct(columns: dict[str, Any]) -> dict[str, Any]:
    """Return sorted columns without the rows that repeat the one before."""
    changes = [column[1:] != column[:-1] for column in columns.values()]
    new = np.r_[True, np.any(changes, axis=0)][: len(columns["qid"])]
    return {name: column[new] for name, column in columns.items()}


def _map_columns(path: Path) -> dict[str, Any]:
    import pyarrow

    with pyarrow.memory_map(str(path)) as file:
        try:
            batches = list(pyarrow.ipc.open_stream(file))
        except (pyarrow.ArrowInvalid, OSError) as error:
            raise TasbError(f"{path}: not an Arrow stream; {REMEDY}") from error
    if len(batches) != 1:
        raise TasbError(f"{path}: {len(batches)} batches; expected one; {REMEDY}")
    wanted = IDS if len(batches[0].schema) == len(IDS) else IDS | SCORES
    found = {f.name: np.dtype(f.type.to_pandas_dtype()).name for f in batches[0].schema}
    if found != wanted:
        raise TasbError(f"{path}: columns {batches[0].schema.names}; {REMEDY}")
    # Arrow's own to_numpy imports pandas: .2 s and 30 MB for nothing.
    return {
        name: np.frombuffer(batches[0][name].buffers()[1], kind, len(batches[0]))
        for name, kind in wanted.items()
    }
