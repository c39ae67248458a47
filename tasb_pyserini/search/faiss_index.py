"""A Faiss index, opened and searched."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.bindings.faiss_library import load_faiss, reason
from tasb_pyserini.encoders.spec import check_dimension
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.best import Positions, best, ordered
from tasb_pyserini.search.codes import LEAST_TOGETHER, search_codes
from tasb_pyserini.search.docids import read_docids
from tasb_pyserini.search.gpu import MOST_HITS, on_gpu

Vectors = NDArray[np.float32]

LEAST = 100
"""Hits asked of approximate kinds at least: for few, they score too few once more."""


class FaissIndex:
    """An index directory of ours or of stock Pyserini, opened.

    The file is mapped into memory, not read: that takes milliseconds, processes share
    its pages, and searches are as fast. A Faiss too old for that reads it. The docids
    are read: some seconds and 0.6 GB for 8.8 million.

    Parameters
    ----------
    folder
        Holds ``index`` and ``docid``.
    device
        ``cpu``, or ``cuda`` or ``cuda:N`` to search flat, fp16 and int8 indexes in
        fp16 on a GPU.

    Raises
    ------
    TasbError
        If it is no index directory, its two files do not fit, it has another metric
        than the inner product, or there is no GPU.
    """

    most_hits: int | None = None
    """Of a query, where there is a limit."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        for name in ("index", "docid"):
            if not (folder / name).is_file():
                raise TasbError(
                    f"{folder}: no file {name!r}; expected a Faiss index directory "
                    f"('tasb index' builds one)"
                )
        self._faiss = load_faiss()
        self.folder = folder
        flags = getattr(self._faiss, "IO_FLAG_MMAP_IFC", 0)
        try:
            (folder / "index").open("rb").close()
            self.index = self._faiss.read_index(str(folder / "index"), flags)
        except OSError as error:
            raise TasbError(
                f"{folder / 'index'}: not read: {error.strerror}; expected a file that "
                "you may read"
            ) from error
        except RuntimeError as error:
            raise TasbError(
                f"{folder / 'index'}: not a whole Faiss index; build it again (Faiss: "
                f"{reason(error)})"
            ) from error
        self.docids = read_docids(folder / "docid")
        if len(self.docids) != self.index.ntotal:
            raise TasbError(
                f"{folder}: {self.index.ntotal} vectors for {len(self.docids)} docids; "
                f"build the index again"
            )
        if self.index.metric_type != self._faiss.METRIC_INNER_PRODUCT:
            raise TasbError(
                f"{folder / 'index'}: ranks by another metric than the inner product, "
                "which TAS-B learned; build it again with 'tasb index'"
            )
        self.stored = self.index
        if device != "cpu":
            self.index = on_gpu(self.index, device, folder)
            self.most_hits = MOST_HITS

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return int(self.index.d)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folder; a `ShardedIndex` has several."""
        return (self.folder,)

    def search(
        self, vectors: Vectors, k: int, threads: int | None = None
    ) -> tuple[Vectors, Positions]:
        """Return the scores and positions of the `k` best passages of each query.

        On a CPU, the hits of a query do not depend on the batch that it is in. A flat
        index is searched with matrix products, which round differently for one query
        and for many; its hits are therefore scored once more, pair by pair, as Faiss
        does for a single query. So a run equals that of ``python -m
        pyserini.search.faiss``. Kinds that choose lists or codes by matrix products are
        asked query by query; of fp16 and int8, many queries take `search_codes`.

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
            Scores (fp32) and positions, both ``(n_queries, k)``, best first, equal
            scores by position; position -1 where there are fewer than `k` hits.

        Raises
        ------
        TasbError
            If the vectors have another dimension than the index, or NaN or infinity,
            or a GPU is asked for more than `MOST_HITS`.
        """
        check_dimension(self.folder, self.dimension, vectors.shape[1])
        check_finite(vectors)
        if self.most_hits and k > self.most_hits:
            raise TasbError(
                f"{k:,} hits a query; on a GPU Faiss finds {self.most_hits:,} at most: "
                "ask for fewer, or search on the CPU"
            )
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        threads = threads or os.cpu_count() or 1
        together = partial(self._together, threads=threads)
        faiss = self._faiss
        if isinstance(self.index, (faiss.IndexFlatIP, faiss.IndexScalarQuantizer)):
            return best(together, vectors, k, self.index.ntotal)
        compound = (faiss.IndexIVF, faiss.IndexPreTransform, faiss.IndexRefine)
        if isinstance(self.index, compound):
            scores, positions = self._one_by_one(vectors, max(k, LEAST), threads)
            scores, positions = ordered(scores, positions)
            return scores[:, :k].copy(), positions[:, :k].copy()
        return ordered(*together(vectors, k))

    def reconstruct(self, positions: NDArray[np.integer[Any]]) -> Vectors:
        """Return passages' vectors as the index on the disk holds them.

        Parameters
        ----------
        positions
            Of passages, shape ``(n,)``.

        Returns
        -------
        numpy.ndarray
            fp32, shape ``(n, dimension)``.
        """
        if isinstance(self.stored, self._faiss.IndexIVF):
            self.stored.make_direct_map()  # once; it stays
        vectors: Vectors = self.stored.reconstruct_batch(
            np.ascontiguousarray(positions, dtype=np.int64)
        )
        return vectors

    def _together(
        self, vectors: Vectors, k: int, threads: int
    ) -> tuple[Vectors, Positions]:
        many = len(vectors) >= LEAST_TOGETHER and k <= self.index.ntotal
        with faiss_threads(threads):
            if many and isinstance(self.index, self._faiss.IndexScalarQuantizer):
                return search_codes(self.index, vectors, k)
            scores, positions = self.index.search(vectors, k)
        if isinstance(self.index, self._faiss.IndexFlatIP):
            self._score_again(vectors, scores, positions)
        return scores, positions

    def _one_by_one(
        self, vectors: Vectors, k: int, threads: int
    ) -> tuple[Vectors, Positions]:
        scores = np.empty((len(vectors), k), np.float32)
        positions = np.empty((len(vectors), k), np.int64)

        def search(row: int) -> None:
            here = slice(row, row + 1)
            self.index.search(vectors[here], k, D=scores[here], I=positions[here])

        if threads == 1 or len(vectors) == 1:
            with faiss_threads(1):
                for row in range(len(vectors)):
                    search(row)
            return scores, positions
        alone = partial(self._faiss.omp_set_num_threads, 1)
        with ThreadPoolExecutor(threads, initializer=alone) as pool:
            list(pool.map(search, range(len(vectors))))
        return scores, positions

    def _score_again(
        self, vectors: Vectors, scores: Vectors, positions: Positions
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


def check_finite(vectors: Vectors) -> None:
    """Raise an error unless query vectors hold finite numbers.

    Raises
    ------
    TasbError
        If one holds NaN or infinity.
    """
    wild = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(wild):
        raise TasbError(
            f"vector of query {wild[0] + 1} of {len(vectors)}: NaN or infinity, "
            "which no passage is near to; look for overflow in the encoder"
        )


@contextmanager
def faiss_threads(threads: int) -> Iterator[None]:
    """Let Faiss use so many threads in a block.

    PyTorch may share the OpenMP library, and with it this count.
    """
    faiss = load_faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
