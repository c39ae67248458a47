"""Dense search in a Lucene index of `build_lucene_dense`."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.bindings.java_threads import map_in_threads
from tasb_pyserini.bindings.lucene_dense import DenseFolder
from tasb_pyserini.encoders.spec import SPEC_FILE, EncoderSpec, check_dimension
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.lucene_dense_sphere import (
    NORM_FILE,
    read_norm,
    unit_queries,
)
from tasb_pyserini.search.docids import read_docids
from tasb_pyserini.search.faiss_index import check_finite

EF_SEARCH = 1000
"""Least depth of a search in HNSW, as in Anserini's regressions."""

Vectors = NDArray[np.float32]


class LuceneDenseIndex:
    """A flat or HNSW index of Lucene, opened; used as a `FaissIndex` is.

    Parameters
    ----------
    folder
        Holds Lucene's files, ``docid``, ``encoder.json`` and ``norm.json``.

    Raises
    ------
    TasbError
        If it is no such folder, or its files do not fit.
    """

    def __init__(self, folder: Path) -> None:
        for name in (NORM_FILE, "docid", SPEC_FILE):
            if not (folder / name).is_file():
                raise TasbError(
                    f"{folder}: no file {name!r}; expected a dense Lucene index of "
                    "'tasb index'"
                )
        self.folder, self.folders = folder, (folder,)
        self.largest_norm, self.kind = read_norm(folder)
        self.dimension = EncoderSpec.read(folder / SPEC_FILE).dimension
        self.docids = read_docids(folder / "docid")
        self._lucene = DenseFolder(folder)
        if len(self.docids) != self._lucene.passages:
            raise TasbError(
                f"{folder}: {self._lucene.passages} vectors for {len(self.docids)} "
                "docids; build the index again"
            )

    def search(
        self, vectors: Vectors, k: int, threads: int | None = None
    ) -> tuple[Vectors, NDArray[np.int64]]:
        """Return the scores and positions of the `k` best passages of each query.

        Scores are inner products again, as far as Lucene's fp32 scores
        ``(1 + cosine) / 2`` tell: within some 10⁻⁷ ‖q‖ M. The last bits may differ
        from one search to the next, as Java compiles Lucene's loops.

        Parameters
        ----------
        vectors
            Query vectors, fp32, shape ``(n_queries, dimension)``.
        k
            Hits a query.
        threads
            Queries searched at the same time; None: as many as there are cores.

        Returns
        -------
        tuple
            Scores (fp32) and positions in `docids`, both ``(n_queries, k)``, best
            first; position -1 where fewer than `k` passages were found.

        Raises
        ------
        TasbError
            If the vectors have another dimension than the index, or NaN or infinity.
        """
        check_dimension(self.folder, self.dimension, vectors.shape[1])
        check_finite(vectors)
        scores = np.full((len(vectors), k), -np.inf, dtype=np.float32)
        positions = np.full((len(vectors), k), -1, dtype=np.int64)
        most = min(k, len(self.docids))
        if most == 0:
            return scores, positions
        depth = most
        if self.kind == "lucene-hnsw":
            depth = min(max(k, EF_SEARCH), len(self.docids))
        queries, norms = unit_queries(vectors)
        found = map_in_threads(
            lambda query: self._lucene.nearest(query.tolist(), most, depth),
            list(queries),
            threads or os.cpu_count() or 1,
        )
        for row, (hits, norm) in enumerate(zip(found, norms, strict=True)):
            cosines = 2 * np.array([score for _, score in hits]) - 1
            scores[row, : len(hits)] = cosines * norm * self.largest_norm
            positions[row, : len(hits)] = [document for document, _ in hits]
        return scores, positions
