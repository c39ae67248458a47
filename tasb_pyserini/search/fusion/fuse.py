"""Fusion of hits in memory."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat

import numpy as np

from tasb_pyserini.formats.best_first import Places, best_first, in_single
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.search.fusion.combine import combine
from tasb_pyserini.search.fusion.rule import Fusion

_LACKING = float("nan")


def fuse_hits(
    lists: Sequence[Mapping[str, float]], fusion: Fusion, k: int
) -> dict[str, float]:
    """Fuse the lists of one query and return the `k` best hits, best first.

    Parameters
    ----------
    lists
        docid → score, one a run, in the order that `fusion` speaks of; an interpolation
        takes sparse, dense. May be empty and in any order.
    k
        Most hits. Ties are ordered as by trec_eval (`formats.runs.ranked`).

    Raises
    ------
    TasbError
        If the rule does not fuse so many lists, or a score is not finite.

    Examples
    --------
    >>> hybrid = Fusion(method="interpolation", alpha=0.5)
    >>> fuse_hits([{"a": 10.0, "b": 4.0}, {"b": 2.0, "c": 1.0}], hybrid, k=2)
    {'a': 6.0, 'b': 4.0}
    """
    fusion.check_lists(len(lists))
    union = _union(lists)
    docids = np.fromiter(union, object, len(union))
    scores = np.empty((len(lists), len(union)))
    first = len(lists[0])
    scores[0, :first] = np.fromiter(lists[0].values(), float, first)
    scores[0, first:] = _LACKING
    for row, hits in zip(scores[1:], lists[1:], strict=True):
        row[:] = np.fromiter(map(hits.get, union, repeat(_LACKING)), float, len(union))
    for row, hits in zip(scores, lists, strict=True):
        if np.count_nonzero(np.isfinite(row)) != len(hits):
            raise _score_error(hits)

    def docids_at(places: Places) -> list[str]:
        names: list[str] = docids[places].tolist()
        return names

    fused = combine(scores, fusion, docids_at)
    best = best_first(in_single(fused), docids_at, k)
    return dict(zip(docids_at(best), fused[best].tolist(), strict=True))


def fuse_runs(runs: Sequence[Run], fusion: Fusion, k: int) -> Run:
    """Fuse runs query by query.

    A query that a run lacks is fused with an empty list in its place; `lone_queries`
    counts such queries.

    Parameters
    ----------
    runs
        In the order that `fusion` speaks of.
    k
        Most hits a query.

    Returns
    -------
    Run
        The first run's queries first, then what later runs add.
    """
    fusion.check_lists(len(runs))
    return {
        qid: fuse_hits([run.get(qid, {}) for run in runs], fusion, k)
        for qid in dict.fromkeys(chain.from_iterable(runs))
    }


def interpolate_runs(sparse: Run, dense: Run, alpha: float, k: int) -> Run:
    """Return ``alpha · sparse + dense``, as in the TCT-ColBERT and TAS-B papers.

    A document missing from a list gets that list's lowest score, 0 where it is empty.
    """
    return fuse_runs([sparse, dense], Fusion(method="interpolation", alpha=alpha), k)


def lone_queries(runs: Sequence[Iterable[str]]) -> int:
    """Return how many queries at least one run lacks.

    Parameters
    ----------
    runs
        Runs, or the qids of each.

    Examples
    --------
    >>> lone_queries([{"1": {}, "2": {}}, {"2": {}, "3": {}}])
    2
    """
    qids = [set(run) for run in runs]
    return len(qids[0].union(*qids) - qids[0].intersection(*qids))


def _union(lists: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the documents of all lists, those of the first list in their order."""
    union = {**lists[0], **lists[1]}
    for hits in lists[2:]:
        union.update(hits)
    return union


def _score_error(hits: Mapping[str, float]) -> TasbError:
    docid = next(docid for docid, score in hits.items() if not np.isfinite(score))
    return TasbError(
        f"score {hits[docid]} of docid {docid}: expected a finite number; look for NaN "
        "in the vectors"
    )
