"""Archives of small real indexes and encoded queries, as Pyserini distributes them."""

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasb_pyserini.bindings.faiss_library import load_faiss
from tests.prebuilt.entries import index_archive

Vectors = NDArray[np.float32]


def vectors(count: int, seed: int) -> Vectors:
    """Return random vectors of 8 dimensions."""
    return np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)


def packed(folder: Path) -> bytes:
    """Return an archive of a folder of files."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return index_archive(files, folder.name)


def faiss_archive(folder: Path, docids: Sequence[str], passages: Vectors) -> bytes:
    """Write a Faiss index directory; return its archive."""
    faiss = load_faiss()
    index = faiss.IndexFlatIP(passages.shape[1])
    index.add(passages)
    folder.mkdir()
    faiss.write_index(index, str(folder / "index"))
    (folder / "docid").write_text("".join(f"{docid}\n" for docid in docids))
    return packed(folder)


def encoded_queries_archive(queries: Mapping[str, str], encoded: Vectors) -> bytes:
    """Return an archive with the table that Pyserini reads, as pandas 1 and 2 wrote it.

    Pandas 3 names its classes differently; published files are older.
    """
    columns = {"id": [*queries], "text": [*queries.values()], "embedding": [*encoded]}
    table = pd.DataFrame(columns, dtype=object)
    table.columns = pd.Index(table.columns, dtype=object)
    content = pickle.dumps(table, protocol=3)
    for name, module in OLD_MODULES.items():
        content = content.replace(
            f"cpandas\n{name}\n".encode(), f"cpandas.core.{module}\n{name}\n".encode()
        )
    return index_archive({"embedding.pkl": content})


OLD_MODULES = {
    "DataFrame": "frame",
    "Index": "indexes.base",
    "RangeIndex": "indexes.range",
}
"""Class → its module below ``pandas.core`` before pandas 3."""
