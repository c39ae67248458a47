"""Runs as columns: many hits without a Python object for each."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.arrow import from_numbers, to_numbers
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.runs import read_run

COLUMNS = ["qid", "Q0", "docid", "rank", "score", "tag"]
_BLOCK, _CACHED = 1 << 22, 1 << 18
_NEWLINE, _SPACE, _TILDE = b"\n ~"


@dataclass(frozen=True, slots=True)
class RunColumns:
    """A run's hits, query by query.

    Parameters
    ----------
    path
        The file.
    qids
        Queries, in the order of the file.
    starts
        Where each query's hits start, and where the last one's end; shape
        ``(n_queries + 1,)``.
    docids
        Docid of each hit, a pyarrow array of strings, length n_hits.
    scores
        Score of each hit in double precision, shape ``(n_hits,)``; in the order of the
        file, which need not be that of the scores.
    """

    path: Path
    qids: list[str]
    starts: NDArray[np.int64]
    docids: Any
    scores: NDArray[np.float64]

    def places(self) -> dict[str, slice]:
        """Return qid → where its hits stand."""
        starts = self.starts.tolist()
        slices = map(slice, starts[:-1], starts[1:])
        return dict(zip(self.qids, slices, strict=True))


def read_run_columns(path: Path) -> RunColumns:
    """Read a run as `formats.runs.read_run` does, in a fraction of the time.

    Plain files (ASCII, one space between columns) are read by pyarrow. A file with
    anything else in it goes through `read_run`, which takes it or says what is wrong.
    Whether a docid comes twice for a query is not looked at here: see `name_duplicate`.

    Raises
    ------
    InputError
        As `read_run`; also if the file has no hits.
    """
    table = _read_plain(path)
    if table is None:
        table = _table_of(path)
    if not len(table):
        raise InputError(path, None, "no hits", "a run in the format of TREC")
    qids, docids, numbers = (column.combine_chunks() for column in table.columns)
    queries, scores = to_numbers(qids.indices), to_numbers(numbers)
    starts = _segment_starts(queries)
    if len(starts) > len(qids.dictionary):
        order = np.argsort(queries, kind="stable")
        queries, scores = queries[order], scores[order]
        docids = docids.take(from_numbers(order))
        starts = _segment_starts(queries)
    return RunColumns(
        path=path,
        qids=qids.dictionary.take(from_numbers(queries[starts])).to_pylist(),
        starts=np.append(starts, len(queries)),
        docids=docids,
        scores=scores,
    )


def name_duplicate(run: RunColumns) -> NoReturn:
    """Raise the error about the line where a docid comes again for a query."""
    read_run(run.path)
    raise TasbError(f"{run.path}: changed while it was read; run the same again")


def _read_plain(path: Path) -> Any:
    """Return the table of a file that pyarrow reads as `read_run` would, or None."""
    import pyarrow as pa
    from pyarrow import csv

    if not path.is_file():
        return None
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return None
    if not content or not _is_plain(content):
        return None
    types = {
        "qid": pa.dictionary(pa.int32(), pa.string()),
        "docid": pa.large_string(),
        "score": pa.float64(),
    }
    try:
        table = csv.read_csv(
            pa.BufferReader(content),
            csv.ReadOptions(column_names=COLUMNS, block_size=_BLOCK),
            csv.ParseOptions(delimiter=" ", quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    for scores in table["score"].chunks:
        if not np.isfinite(to_numbers(scores)).all():
            return None
    return table.unify_dictionaries()


def _is_plain(content: bytes) -> bool:
    """Return whether words are parted by single spaces and lines by LF, all ASCII."""
    characters = np.frombuffer(content, np.uint8)
    if characters[0] <= _SPACE or characters[-1] == _SPACE:
        return False
    for begin in range(0, len(characters), _CACHED):
        block = characters[begin : begin + _CACHED + 1]
        parting = block <= _SPACE
        known = np.count_nonzero(block == _SPACE) + np.count_nonzero(block == _NEWLINE)
        if known < np.count_nonzero(parting) or block.max() > _TILDE:
            return False
        if (parting[1:] & parting[:-1]).any():
            return False
    return True


def _table_of(path: Path) -> Any:
    """Return the same columns, by way of the reader that explains every error."""
    import pyarrow as pa

    run = read_run(path)
    qids = [qid for qid, hits in run.items() for _ in hits]
    docids = [docid for hits in run.values() for docid in hits]
    scores = [score for hits in run.values() for score in hits.values()]
    return pa.table(
        {
            "qid": pa.array(qids, pa.string()).dictionary_encode(),
            "docid": pa.array(docids, pa.large_string()),
            "score": pa.array(scores, pa.float64()),
        }
    )


def _segment_starts(codes: NDArray[np.int32]) -> NDArray[np.int64]:
    changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    return np.concatenate([np.zeros(1, np.int64), changes])
