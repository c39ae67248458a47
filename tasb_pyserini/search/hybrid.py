"""Hybrid search: dense and sparse at the same time, fused by interpolation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.lucene_hits import LuceneHits, scores_of
from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.formats.records import Run
from tasb_pyserini.search.dense import dense_run
from tasb_pyserini.search.faiss_index import FaissIndex, Vectors
from tasb_pyserini.search.fusion.fuse import fuse_hits
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.sides import at_once, one_thread

ALPHA = 0.1
"""Weight of the sparse side in ``pyserini.search.hybrid``."""


class HybridSearcher:
    """Takes the place of ``pyserini.search.hybrid.HybridSearcher``, faster.

    Both sides search at the same time where there are cores for it (`has_room`), all
    queries are encoded at once where the query encoder can, and Lucene reads no texts.
    Scores are Pyserini's; ties are ordered as in trec_eval, and normalisation is
    defined for lists of one score too
    (:func:`~tasb_pyserini.search.fusion.normalisation.centred`).

    Parameters
    ----------
    dense_searcher, sparse_searcher
        Pyserini's ``FaissSearcher`` and ``LuceneSearcher``, or what has their
        ``batch_search``.
    """

    def __init__(self, dense_searcher: Any, sparse_searcher: Any) -> None:
        self.dense_searcher = dense_searcher
        self.sparse_searcher = sparse_searcher
        self.lucene = LuceneHits(sparse_searcher)
        self._thread = one_thread()
        self._result = result_class()

    def search(
        self,
        query: str,
        k0: int = 10,
        k: int = 10,
        alpha: float = ALPHA,
        normalization: bool = False,
        weight_on_dense: bool = False,
    ) -> list[Any]:
        """Search one query; see :meth:`batch_search`."""
        found = self.batch_search(
            [query], ["query"], k0, k, 1, alpha, normalization, weight_on_dense
        )
        return found["query"]

    def batch_search(
        self,
        queries: Sequence[str],
        q_ids: Sequence[str],
        k0: int = 10,
        k: int = 10,
        threads: int = 1,
        alpha: float = ALPHA,
        normalization: bool = False,
        weight_on_dense: bool = False,
    ) -> dict[str, list[Any]]:
        """Search many queries.

        Parameters
        ----------
        queries, q_ids
            Texts and their ids.
        k0
            Hits that each side brings.
        k
            Hits to return.
        threads
            Most threads of each side.
        alpha
            Weight of the sparse side.
        normalization
            Whether to map each side's scores to -½ … ½ first.
        weight_on_dense
            Whether alpha weights the dense side instead.

        Returns
        -------
        dict
            qid → hits, best first: Pyserini's ``DenseSearchResult`` with ``docid`` and
            ``score``.

        Raises
        ------
        TasbError
            If alpha is not a finite number, or the vectors do not fit the index.
        """
        fusion = hybrid_fusion(alpha, normalization=normalization)
        dense, sparse = at_once(
            lambda: search_dense(self.dense_searcher, queries, q_ids, k0, threads),
            lambda: self._search_sparse(queries, q_ids, k0, threads),
            self._thread,
            len(queries),
        )
        fused = fuse_sides(sparse, dense, fusion, k, weight_on_dense=weight_on_dense)
        return {
            qid: list(map(self._result, hits, hits.values()))
            for qid, hits in fused.items()
        }

    def _search_sparse(
        self, queries: Sequence[str], qids: Sequence[str], k: int, threads: int
    ) -> Run:
        hits = self.lucene.search(queries, k, threads)
        return dict(zip(qids, hits, strict=True))


def hybrid_fusion(alpha: float, *, normalization: bool = False) -> Fusion:
    """Return the rule of Pyserini's ``HybridSearcher``."""
    normalisation = "centred" if normalization else "none"
    return Fusion(method="interpolation", alpha=alpha, normalisation=normalisation)


def fuse_sides(
    sparse: Run, dense: Run, fusion: Fusion, k: int, *, weight_on_dense: bool = False
) -> Run:
    """Fuse the sides of each of the dense run's queries and keep the `k` best hits.

    Parameters
    ----------
    sparse, dense
        The sides.
    fusion
        A rule for two lists.
    k
        Most hits a query.
    weight_on_dense
        Whether alpha weights the dense side instead of the sparse one.
    """

    def fuse(
        sparse: Mapping[str, float], dense: Mapping[str, float]
    ) -> dict[str, float]:
        lists = [dense, sparse] if weight_on_dense else [sparse, dense]
        return fuse_hits(lists, fusion, k)

    return {qid: fuse(sparse[qid], hits) for qid, hits in dense.items()}


def search_dense(
    searcher: Any, queries: Sequence[str], qids: Sequence[str], k: int, threads: int
) -> Run:
    """Search with Pyserini's ``FaissSearcher``; the run does not depend on the batch.

    Another searcher is asked for its ``batch_search``.
    """
    if not queries:
        return {}
    if is_plain(searcher):
        vectors = encode(searcher.query_encoder, queries)
        return dense_run(OpenedIndex(searcher), qids, vectors, k, threads)
    found = searcher.batch_search(list(queries), list(qids), k, threads)
    return {qid: scores_of(found[qid]) for qid in qids}


def is_plain(searcher: Any) -> bool:
    """Return whether `searcher` is Pyserini's ``FaissSearcher`` itself, with scores."""
    kind = type(searcher)
    return (
        kind.__name__ == "FaissSearcher"
        and kind.__module__.startswith("pyserini.")
        and searcher.docids is not None
        and not getattr(searcher, "normalize_distances", False)
    )


def encode(encoder: Any, queries: Sequence[str]) -> Vectors:
    """Return one vector a query, all at once where the encoder can.

    Parameters
    ----------
    encoder
        Has ``encode_batch``, or else ``encode``, of Pyserini's query encoders.
    queries
        Texts.
    """
    if hasattr(encoder, "encode_batch"):
        vectors = encoder.encode_batch(list(queries))
    else:
        vectors = [encoder.encode(query) for query in queries]
    return np.asarray(vectors, dtype=np.float32).reshape(len(queries), -1)


class OpenedIndex(FaissIndex):
    """The index that a ``FaissSearcher`` has opened."""

    def __init__(self, searcher: Any) -> None:
        self._faiss = load_faiss()
        self.index = self.stored = searcher.index
        self.docids = searcher.docids
        self.folder = Path("index of the dense searcher")  # it forgets which


def result_class() -> Any:
    """Return Pyserini's class of dense hits."""
    install_finder()
    start_jvm()
    from pyserini.search.faiss import DenseSearchResult

    return DenseSearchResult
