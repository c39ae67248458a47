"""Inner products as cosines, for an index that takes unit vectors alone.

Anserini compares vectors with Lucene's ``DOT_PRODUCT``, which expects length 1. With M
the norm of the longest passage, a passage x becomes ``(x / M, sqrt(1 - ‖x‖² / M²))``
and a query q ``(q / ‖q‖, 0)``: all of length 1, and their cosine is
``q · x / (M ‖q‖)``. A query's ranking is that of its inner products (Bachrach et al.,
"Speeding Up the Xbox Recommender System Using a Euclidean Transformation for
Inner-Product Spaces", RecSys 2014).
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.json_file import read_object, write_object

NORM_FILE = "norm.json"
"""Beside an index or corpus of unit vectors: the norm of the longest passage."""

BLOCK = 4_096
"""Vectors made at a time."""

Floats = NDArray[np.floating[Any]]
Vectors = NDArray[np.float32]
Norms = NDArray[np.float64]


def norms_of(vectors: Floats) -> Norms:
    """Return the Euclidean norms of the rows, in double precision.

    Examples
    --------
    >>> norms_of(np.array([[3, 4], [0, 0]], np.float16))
    array([5., 0.])
    """
    squares = np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)
    return np.asarray(np.sqrt(squares), dtype=np.float64)


def largest_norm(
    shards: Iterator[tuple[list[str], Floats]],
) -> float:
    """Return M, the norm of the longest vector; 1 where all are zero.

    Raises
    ------
    TasbError
        If a vector holds what is no finite number.
    """
    largest = 0.0
    for docids, vectors in shards:
        norms = norms_of(vectors)
        for row in np.flatnonzero(~np.isfinite(norms))[:1]:
            raise TasbError(
                f"the vector of passage {docids[row]} has values that are no finite "
                "numbers; encode the collection again"
            )
        largest = max(largest, float(norms.max(initial=0.0)))
    return largest or 1.0


def unit_passages(
    shards: Iterator[tuple[list[str], Floats]], largest: float
) -> Iterator[tuple[Sequence[str], Vectors]]:
    """Yield ids and unit vectors, at most `BLOCK` at a time, in order.

    Parameters
    ----------
    shards
        Ids and vectors, fp32 or fp16, shape ``(n_passages, dimension)``.
    largest
        M, see `largest_norm`.

    Yields
    ------
    tuple
        Ids, and vectors in fp32 of shape ``(n_passages, dimension + 1)``.

    Examples
    --------
    >>> shard = ["a", "b"], np.array([[3, 4], [6, 8]], np.float32)
    >>> [(ids, vectors)] = unit_passages(iter([shard]), largest=10.0)
    >>> vectors.round(3)
    array([[0.3  , 0.4  , 0.866],
           [0.6  , 0.8  , 0.   ]], dtype=float32)
    """
    for docids, shard in shards:
        for start in range(0, len(shard), BLOCK):
            scaled = shard[start : start + BLOCK].astype(np.float64) / largest
            rest = np.sqrt(np.clip(1 - norms_of(scaled) ** 2, 0, None))
            unit = np.hstack([scaled, rest[:, None]]).astype(np.float32)
            yield docids[start : start + BLOCK], unit


def unit_queries(vectors: Floats) -> tuple[Vectors, Norms]:
    """Return queries as unit vectors, with the norms that they had.

    A query of zeros stays one.

    Examples
    --------
    >>> unit, norms = unit_queries(np.array([[3.0, 4.0], [0.0, 0.0]]))
    >>> unit, norms
    (array([[0.6, 0.8, 0. ],
           [0. , 0. , 0. ]], dtype=float32), array([5., 0.]))
    """
    norms = norms_of(vectors)
    scaled = vectors / np.where(norms > 0, norms, 1.0)[:, None]
    return np.pad(scaled.astype(np.float32), ((0, 0), (0, 1))), norms


def write_norm(folder: Path, largest: float, kind: str) -> None:
    """Write ``norm.json``: M, and the kind of the index or corpus beside it."""
    norm = {"kind": kind, "largest_norm": largest}
    write_object(folder / NORM_FILE, norm, indent=None)


def read_norm(folder: Path) -> tuple[float, str]:
    """Return M and the kind that ``norm.json`` holds.

    Raises
    ------
    InputError
        If it holds something else.
    """
    path = folder / NORM_FILE
    expected, remedy = "what 'tasb index' wrote", "index again"
    values = read_object(path, expected, remedy)
    try:
        largest, kind = float(values["largest_norm"]), str(values["kind"])
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise InputError(path, None, "no norm and kind", expected, remedy) from error
    if not (largest > 0 and math.isfinite(largest)):
        raise InputError(path, None, f"norm {largest}", "a positive number")
    return largest, kind


def is_lucene_dense(folder: Path) -> bool:
    """Tell whether a folder is a Lucene index of unit vectors that we wrote."""
    return (folder / NORM_FILE).is_file() and any(folder.glob("segments_*"))
