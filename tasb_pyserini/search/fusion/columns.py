"""Fusion of whole run files."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.arrow import from_numbers, sort_keys, to_numbers
from tasb_pyserini.formats.best_first import DocidsAt, best_first, in_single
from tasb_pyserini.formats.run_columns import RunColumns, name_duplicate
from tasb_pyserini.formats.write_columns import RankedHits
from tasb_pyserini.search.fusion.combine import combine
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS
from tasb_pyserini.search.fusion.reciprocal_rank import reciprocal_rank
from tasb_pyserini.search.fusion.rule import Fusion

_NO_HITS = slice(0, 0)


def fuse_columns(
    runs: Sequence[RunColumns], fusion: Fusion, k: int, depth: int | None = None
) -> list[RankedHits]:
    """Fuse runs as `search.fusion.fuse.fuse_runs` does.

    Parameters
    ----------
    runs
        In the order that `fusion` speaks of.
    k
        Most hits a query.
    depth
        Most hits of each run and query that are looked at, the best; all where None.
        Normalisation sees the others too, as in ``pyserini/trectools/_base.py``.

    Returns
    -------
    list[RankedHits]
        The first run's queries first, then what later runs add.
    """
    fusion.check_lists(len(runs))
    places = [run.places() for run in runs]
    return [
        _fuse_query(
            qid,
            [
                _best(run, of.get(qid, _NO_HITS), fusion, depth)
                for run, of in zip(runs, places, strict=True)
            ],
            fusion,
            k,
        )
        for qid in dict.fromkeys(chain.from_iterable(places))
    ]


@dataclass(frozen=True, slots=True)
class _List:
    """One query's hits in one run, with normalised scores or reciprocal ranks."""

    run: RunColumns
    docids: Any
    scores: NDArray[np.float64]


def _best(run: RunColumns, hits: slice, fusion: Fusion, depth: int | None) -> _List:
    docids, scores = run.docids[hits], run.scores[hits]
    cut = depth is not None and len(scores) > depth
    if cut and len(docids.unique()) < len(docids):
        name_duplicate(run)
    normalised = NORMALISATIONS[fusion.normalisation](scores) if len(scores) else scores
    if cut or fusion.method == "rrf":
        best = best_first(in_single(scores), _keys_of(docids), depth)
        if fusion.method == "rrf":
            normalised = np.empty(len(scores))
            ranks = np.arange(1, len(best) + 1)
            normalised[best] = reciprocal_rank(ranks, fusion.rrf_k)
        if cut:
            docids, normalised = docids.take(from_numbers(best)), normalised[best]
    return _List(run, docids, normalised)


def _keys_of(docids: Any) -> DocidsAt:
    return lambda places: sort_keys(docids.take(from_numbers(places)))


def _fuse_query(qid: str, lists: Sequence[_List], fusion: Fusion, k: int) -> RankedHits:
    import pyarrow as pa

    encoded = pa.concat_arrays([each.docids for each in lists]).dictionary_encode()
    union, columns = encoded.dictionary, to_numbers(encoded.indices)
    scores = np.full((len(lists), len(union)), np.nan)
    begin = 0
    for row, each in zip(scores, lists, strict=True):
        end = begin + len(each.scores)
        row[columns[begin:end]] = each.scores
        if np.count_nonzero(row == row) < len(each.scores):  # all but NaN
            name_duplicate(each.run)
        begin = end

    docids_at = _keys_of(union)
    single = in_single(combine(scores, fusion, docids_at, normalised=True))
    best = best_first(single, docids_at, k)
    return RankedHits(qid, union.take(from_numbers(best)), single[best])
