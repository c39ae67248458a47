"""Dense search: query vectors against a Faiss index."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.encoders.encoded_queries import EncodedQueries
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.spec import check_index
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import ranked

Vectors = NDArray[np.float32]


class FaissIndex:
    """An index directory of ours or of stock Pyserini, opened.

    Parameters
    ----------
    folder
        Holds ``index`` and ``docid``.

    Raises
    ------
    TasbError
        If it is no index directory, or its two files do not fit.
    """

    def __init__(self, folder: Path) -> None:
        for name in ("index", "docid"):
            if not (folder / name).is_file():
                raise TasbError(
                    f"{folder}: no file {name!r}; expected a Faiss index directory "
                    f"('tasb index' builds one)"
                )
        self._faiss = load_faiss()
        self.folder = folder
        try:
            self.index = self._faiss.read_index(str(folder / "index"))
        except RuntimeError as error:
            raise TasbError(
                f"{folder / 'index'}: not a whole Faiss index; build it again"
            ) from error
        lines = (folder / "docid").read_text(encoding="utf-8").split("\n")
        self.docids = [line.rstrip() for line in lines[:-1]]
        if len(self.docids) != self.index.ntotal:
            raise TasbError(
                f"{folder}: {self.index.ntotal} vectors for {len(self.docids)} docids; "
                f"build the index again"
            )

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return int(self.index.d)

    def search(
        self, vectors: Vectors, k: int, threads: int | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the scores and positions of the `k` best passages of each query.

        A flat index is searched with matrix products, which round differently for one
        query and for many; its hits are therefore scored once more, pair by pair, as
        Faiss does for a single query. So a run does not depend on the batch, and equals
        that of ``python -m pyserini.search.faiss``.

        Parameters
        ----------
        vectors
            Query vectors, fp32, shape ``(n_queries, dimension)``.
        k
            Hits a query.
        threads
            Most threads; None: all cores.

        Returns
        -------
        tuple
            Scores (fp32) and positions, both ``(n_queries, k)``, best first; position
            -1 where the index has fewer than `k` passages.

        Raises
        ------
        TasbError
            If the vectors have another dimension than the index.
        """
        if vectors.shape[1] != self.dimension:
            raise TasbError(
                f"{self.folder}: an index of {self.dimension} dimensions, but query "
                f"vectors of {vectors.shape[1]}; search with the encoder that built it"
            )
        vectors = np.ascontiguousarray(vectors)
        # PyTorch may share the OpenMP library, and with it this count.
        before = self._faiss.omp_get_max_threads()
        self._faiss.omp_set_num_threads(threads or os.cpu_count() or 1)
        try:
            scores, positions = self.index.search(vectors, k)
        finally:
            self._faiss.omp_set_num_threads(before)
        if isinstance(self.index, self._faiss.IndexFlatIP):
            self._score_again(vectors, scores, positions)
        return scores, positions

    def _score_again(
        self, vectors: Vectors, scores: Vectors, positions: NDArray[np.int64]
    ) -> None:
        pointer: Any = self._faiss.swig_ptr
        queries, k = positions.shape
        self._faiss.fvec_inner_products_by_idx(
            pointer(scores),
            pointer(vectors),
            self.index.get_xb(),
            pointer(positions),
            self.dimension,
            queries,
            k,
        )
        scores[positions < 0] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")
        scores[:] = np.take_along_axis(scores, order, axis=1)
        positions[:] = np.take_along_axis(positions, order, axis=1)


def dense_run(
    index: FaissIndex,
    qids: Sequence[str],
    vectors: Vectors,
    k: int,
    threads: int | None = None,
) -> Run:
    """Search encoded queries; ties are ordered as trec_eval orders them."""
    scores, positions = index.search(vectors, k, threads)
    docids = index.docids
    return {
        qid: dict(
            ranked(
                {
                    docids[position]: float(score)
                    for score, position in zip(row, hits, strict=True)
                    if position >= 0
                }
            )
        )
        for qid, row, hits in zip(qids, scores, positions, strict=True)
    }


def search_topics(
    index: FaissIndex,
    encoder: Encoder,
    topics: Topics,
    k: int,
    threads: int | None = None,
) -> Run:
    """Encode all topics and search them.

    Raises
    ------
    TasbError
        If another encoder built the index.
    """
    check_index(index.folder, encoder.spec)
    vectors = encoder.encode_queries(list(topics.values()))
    return dense_run(index, list(topics), vectors, k, threads)


def encoded_run(
    index: FaissIndex,
    encoded: EncodedQueries,
    topics: Topics,
    k: int,
    threads: int | None = None,
) -> Run:
    """Search topics whose vectors were encoded before, found by their text.

    Raises
    ------
    TasbError
        If a topic has no vector.
    """
    rows = {query: row for row, query in enumerate(encoded.queries)}
    missing = [qid for qid, query in topics.items() if query not in rows]
    if missing:
        raise TasbError(
            f"no vector for query {missing[0]} ({topics[missing[0]]!r}) and "
            f"{len(missing) - 1} others; expected the encoded queries of these topics"
        )
    vectors = encoded.vectors[[rows[query] for query in topics.values()]]
    return dense_run(index, list(topics), vectors, k, threads)
