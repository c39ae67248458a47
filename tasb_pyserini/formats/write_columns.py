"""Writing runs from columns, with few Python operations a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.arrow import (
    from_letters,
    from_numbers,
    from_strings,
    sort_keys,
    string_bytes,
)
from tasb_pyserini.formats.best_first import best_first
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import is_id
from tasb_pyserini.formats.replace import replace_file

_QUERIES_AT_ONCE = 64
_MOST_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class RankedHits:
    """One query's hits, in the order of `formats.runs.ranked`.

    Parameters
    ----------
    qid
        The query.
    docids
        A pyarrow array of strings, length n.
    scores
        Their scores, shape ``(n,)``, single precision.
    """

    qid: str
    docids: Any
    scores: NDArray[np.float32]


def write_run_columns(
    path: Path, hits: Sequence[RankedHits], tag: str, decimals: int = 6
) -> None:
    """Write a run atomically; with 6 decimals, the bytes that `write_run` writes.

    Parameters
    ----------
    hits
        One a query; a query without hits leaves no line.
    tag
        What made the run; one word.
    decimals
        Of scores, at most 12. Hits that print alike stand in the order of ties.

    Raises
    ------
    TasbError
        If the tag has white space, a score is not finite, or the file cannot be
        written.
    """
    if not is_id(tag):
        raise TasbError(f"run tag {tag!r}: expected one word without white space")
    with replace_file(path) as file:
        for begin in range(0, len(hits), _QUERIES_AT_ONCE):
            some = [
                _as_printed(one, decimals)
                for one in hits[begin : begin + _QUERIES_AT_ONCE]
            ]
            file.buffer.write(_lines(some, tag, decimals))


def _as_printed(hits: RankedHits, decimals: int) -> RankedHits:
    """Order hits whose scores differ but print alike as the ties they will be read as.

    The product is exact: 24 bits of a score and at most 28 of 5 ** 12 fit into 53.
    """
    finite = np.isfinite(hits.scores)
    if not finite.all():
        place = int(np.flatnonzero(~finite)[0])
        raise TasbError(
            f"score {hits.scores[place]} of docid {hits.docids[place]} for query "
            f"{hits.qid}: expected a number within single precision"
        )
    printed = np.rint(hits.scores.astype(float) * 10.0**decimals)
    alike = printed[1:] == printed[:-1]
    if not (alike & (hits.scores[1:] != hits.scores[:-1])).any():
        return hits

    order = best_first(
        printed, lambda at: sort_keys(hits.docids.take(from_numbers(at)))
    )
    docids = hits.docids.take(from_numbers(order))
    return RankedHits(hits.qid, docids, hits.scores[order])


def _lines(hits: Sequence[RankedHits], tag: str, decimals: int) -> memoryview:
    """Return the lines of some queries."""
    import pyarrow as pa
    import pyarrow.compute as pc

    sizes = [len(one.docids) for one in hits]
    if not sum(sizes):
        return memoryview(b"")
    queries = np.repeat(np.arange(len(hits), dtype=np.int32), sizes)
    ranks = np.concatenate([np.arange(size, dtype=np.int32) for size in sizes])
    lines = pc.binary_join_element_wise(
        _taken([f"{one.qid} Q0 " for one in hits], queries),
        pa.concat_arrays([one.docids for one in hits]),
        _taken([f" {rank} " for rank in range(1, max(sizes) + 1)], ranks),
        *_score_words(np.concatenate([one.scores for one in hits]), decimals),
        from_strings([f" {tag}\n"])[0],
        from_strings([""])[0],
    )
    return string_bytes(lines)[1].data


def _score_words(scores: NDArray[np.float32], decimals: int) -> Sequence[Any]:
    """Return ``f"{score:.{decimals}f}"`` of each score, in parts to be joined."""
    unit = 10**decimals
    printed = np.rint(np.abs(scores.astype(float)) * unit)  # exact: see `_as_printed`
    if printed.max() >= _MOST_WHOLE * unit:
        return [from_strings([f"{score:.{decimals}f}" for score in scores.tolist()])]
    whole, part = np.divmod(printed.astype(np.int64), unit)
    above = int(whole.max()) + 1
    words = [f"{sign}{number}." for sign in ("", "-") for number in range(above)]
    return [
        _taken(words, whole + above * np.signbit(scores)),
        from_letters(_digits(part, decimals)),
    ]


def _digits(numbers: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
    """Return the last digits of each number, in ASCII; shape ``(n, length)``."""
    fours = -(-length // 4)
    digits = np.empty((len(numbers), fours), np.uint32)
    table = _four_digits()
    for column in range(fours - 1, 0, -1):
        numbers, last = np.divmod(numbers, 10_000)
        digits[:, column] = table[last]
    digits[:, 0] = table[numbers]
    return digits.view(np.uint8)[:, -length:]


@cache
def _four_digits() -> NDArray[np.uint32]:
    """Return the four digits of each number from 0 to 9999, as their bytes."""
    places = np.arange(10_000)[:, None] // (1000, 100, 10, 1) % 10
    digits: NDArray[np.uint32] = (places + ord("0")).astype(np.uint8).view(np.uint32)
    return digits.ravel()


def _taken(words: Sequence[str], places: NDArray[Any]) -> Any:
    return from_strings(words).take(from_numbers(places))
