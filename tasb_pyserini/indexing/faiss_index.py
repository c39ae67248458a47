"""From vector shards to a Faiss index directory that Pyserini opens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.formats.outputs import refuse_to_replace
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.indexing.kinds import product
from tasb_pyserini.indexing.kinds.catalogue import kind_named
from tasb_pyserini.indexing.kinds.codes_file import write_codes, write_refined
from tasb_pyserini.indexing.kinds.kind import Kind
from tasb_pyserini.indexing.kinds.parameters import Parameters
from tasb_pyserini.indexing.kinds.sample import sample
from tasb_pyserini.indexing.kinds.scalar import FP16
from tasb_pyserini.indexing.shards import read_manifest, read_shards, read_spec

TRAINED_ON = 65_536
"""Vectors that an index is trained on, at most, but `A_LIST` for each list."""
A_LIST = 39


def build_index(
    vectors: Path,
    output: Path,
    kind: str = "flat",
    parameters: Parameters | None = None,
    *,
    progress: bool = False,
) -> int:
    """Write ``index``, ``docid`` and ``encoder.json``; return the number of passages.

    The vectors are read shard by shard. Kinds without a structure (flat, fp16, int8)
    are written as they are read; others need memory for what a search needs in memory.

    Parameters
    ----------
    vectors
        A complete folder of ``tasb encode``.
    output
        The index directory; what is there is replaced once the new one is complete.
    kind
        A name of :data:`~tasb_pyserini.indexing.kinds.catalogue.KINDS`; ``flat`` is
        exact, as in Pyserini's ``encode/optional/_faiss.py``.
    parameters
        Of the kind; its own defaults where not said.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    TasbError
        If the vectors are incomplete, the kind does not fit them, or the index cannot
        be written.
    """
    load_faiss()
    spec, passages = read_spec(vectors), read_manifest(vectors).passages
    parameters = parameters or Parameters()
    chosen = kind_named(kind, parameters)
    index = chosen.make(spec.dimension, passages, parameters)
    refuse_to_replace(output, is_faiss_index, "Faiss index", "an index")
    with replace_folder(output) as folder:
        write_docids(vectors, folder / "docid")
        spec.write(folder)
        train(index, chosen, vectors)
        with tqdm(total=passages, unit=" passages", disable=not progress) as bar:
            shards = _Shards(vectors, bar)
            with (folder / "index").open("wb") as file:
                write(index, chosen, file, passages, shards)
    return passages


class _Shards:
    """Vectors shard by shard, as often as asked for, with progress."""

    def __init__(self, folder: Path, bar: Any) -> None:
        self.folder, self.bar = folder, bar

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        self.bar.reset()
        for docids, vectors in read_shards(self.folder):
            yield np.ascontiguousarray(vectors, dtype=np.float32)
            self.bar.update(len(docids))


def is_faiss_index(folder: Path) -> bool:
    """Tell whether a folder holds a Faiss index."""
    return (folder / "index").is_file()


def write_docids(vectors: Path, path: Path) -> None:
    """Write one docid a line; a missing shard is found here, before the work."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for docids, _ in read_shards(vectors):
            file.writelines(f"{docid}\n" for docid in docids)


def train(index: Any, kind: Kind, vectors: Path) -> None:
    """Train an index, if its kind learns anything, on a sample of the vectors."""
    if index.is_trained:
        return
    lists = lists_of(index)
    drawn = sample(vectors, max(TRAINED_ON, lists * A_LIST))
    if kind.storage == "refined":
        product.train(index, drawn)
    else:
        index.train(drawn)


def lists_of(index: Any) -> int:
    """Return how many inverted lists an index has."""
    faiss = load_faiss()
    if isinstance(index, faiss.IndexPreTransform):
        index = faiss.downcast_index(index.index)
    return int(getattr(index, "nlist", 0))


def write(
    index: Any, kind: Kind, file: BinaryIO, passages: int, shards: _Shards
) -> None:
    """Fill an index and write it.

    Through Python's file: Faiss does not look whether its own could be closed, so that
    the end of an index is lost without a word where a disk is full.
    """
    if kind.storage == "codes":
        write_codes(file, index, passages, shards)
        return
    for vectors in shards:
        index.add(vectors)
    if kind.storage == "memory":
        faiss = load_faiss()
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))
        return
    behind = FP16.make(index.d, passages, Parameters())
    write_refined(file, index, behind, product.REFINED, passages, shards)
