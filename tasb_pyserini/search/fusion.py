"""Interpolation of a sparse and a dense run."""

from collections.abc import Mapping

from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import ranked


def interpolate(
    sparse: Mapping[str, float], dense: Mapping[str, float], alpha: float
) -> dict[str, float]:
    """Return ``alpha · sparse + dense`` over the union of two lists of hits.

    A document that one list lacks gets that list's lowest score (Lin et al., RepL4NLP
    2021, §4.3; ``pyserini/search/hybrid/_searcher.py``), 0 where the list is empty.

    Parameters
    ----------
    sparse, dense
        docid → score.
    alpha
        Weight of the sparse side.

    Examples
    --------
    >>> interpolate({"a": 10.0, "b": 4.0}, {"b": 2.0, "c": 1.0}, alpha=0.5)
    {'a': 6.0, 'b': 4.0, 'c': 3.0}
    """
    lowest_sparse = min(sparse.values(), default=0.0)
    lowest_dense = min(dense.values(), default=0.0)
    return {
        docid: alpha * sparse.get(docid, lowest_sparse) + dense.get(docid, lowest_dense)
        for docid in {**sparse, **dense}
    }


def interpolate_runs(sparse: Run, dense: Run, alpha: float, k: int) -> Run:
    """Interpolate the hits of each query and keep the `k` best, ties as in trec_eval.

    A query that only one run knows keeps its place: the dense run's queries first.
    """
    return {
        qid: dict(
            ranked(interpolate(sparse.get(qid, {}), dense.get(qid, {}), alpha))[:k]
        )
        for qid in dense | sparse
    }
