"""Query vectors that somebody encoded before, as Pyserini distributes them.

Pyserini's archives (``pyserini-data/encoded-queries``) hold ``embedding.pkl``, a
pickled pandas DataFrame; its ``python -m pyserini.encode.query`` writes one too.
"""

import gzip
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.pickled_records import plain
from tasb_pyserini.encoders.pickled_table import FOREIGN, unpickle_table
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.replace import replace_bytes

PICKLE = "embedding.pkl"
COLUMNS = ("id", "text", "embedding")
_LARGEST = 4 << 30


@dataclass(frozen=True, slots=True)
class EncodedQueries:
    """Queries with their vectors.

    Parameters
    ----------
    qids, queries
        Ids and texts, without white space around them.
    vectors
        fp32, shape ``(n_queries, dimension)``.
    """

    qids: list[str]
    queries: list[str]
    vectors: NDArray[np.float32]


def read_encoded_queries(path: Path) -> EncodedQueries:
    """Read Pyserini's encoded queries without running what a pickle may ask for.

    Parameters
    ----------
    path
        The ``.tar.gz`` as downloaded, the folder it unpacks to with ``embedding.pkl``,
        or a ``.pkl`` of any other name.

    Raises
    ------
    InputError
        If the archive is damaged, or the file asks for anything that a table of vectors
        does not need, or holds no columns ``id``, ``text``, ``embedding``.
    """
    pickled = _read_pickle(path)
    try:
        table = unpickle_table(pickled)
        if lacking := [name for name in COLUMNS if name not in table]:
            raise ValueError(f"no column {lacking[0]!r}")
        ids, texts, cells = (table[name] for name in COLUMNS)
        qids, queries = [_text(cell) for cell in ids], [_text(cell) for cell in texts]
        vectors = np.stack([np.asarray(plain(cell), np.float32) for cell in cells])
        if vectors.ndim != 2 or not len(qids) == len(queries) == len(vectors):
            raise ValueError("not one id, text and vector a row")
    except FOREIGN as error:
        raise InputError(
            path, None, f"not a table of encoded queries ({error})", "Pyserini's format"
        ) from error
    return EncodedQueries(qids, queries, vectors)


def write_encoded_queries(
    path: Path, topics: Mapping[str, str], vectors: NDArray[np.float32]
) -> None:
    """Write queries and their vectors as Pyserini's ``encode.query`` does.

    Parameters
    ----------
    path
        ``FOLDER/embedding.pkl``, for Pyserini's ``--encoded-queries FOLDER``.
    topics
        qid → query.
    vectors
        Shape ``(n_queries, dimension)``.
    """
    from pandas import DataFrame

    columns = (list(topics), list(topics.values()), list(vectors))
    with replace_bytes(path) as file:
        DataFrame(dict(zip(COLUMNS, columns, strict=True))).to_pickle(file)


_DAMAGED = (
    *(tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error),
    RecursionError,  # of tarfile, over headers that extend one another
)
_CHUNK = 1 << 20


def _text(cell: Any) -> str:
    if not isinstance(cell, str | int | float) or cell != cell:
        raise ValueError(f"an id or text of type {type(cell).__name__}")
    return str(cell).strip()


def _read_pickle(path: Path) -> bytes:
    if path.is_dir():
        path = path / PICKLE
    if not path.is_file():
        raise TasbError(f"{path}: no such file; expected a .pkl or its .tar.gz")
    if path.suffix == ".pkl":
        return path.read_bytes()
    try:
        with gzip.open(path) as unpacked:
            pickled = _member(path, unpacked)
            while unpacked.read(_CHUNK):
                pass  # gzip holds its checksum against what was read, at the end
    except _DAMAGED as error:
        raise InputError(
            path,
            None,
            f"no archive, or damaged ({error})",
            "a .tar.gz with the table, or the .pkl",
            "fetch it again",
        ) from error
    return pickled


def _member(path: Path, unpacked: gzip.GzipFile) -> bytes:
    with tarfile.open(fileobj=unpacked, mode="r:") as archive:
        for member in archive:
            if member.isfile() and Path(member.name).name == PICKLE:
                if member.size > _LARGEST:
                    raise InputError(path, None, "too large", "under 4 GiB")
                file = archive.extractfile(member)
                return file.read() if file else b""
    raise InputError(path, None, f"no {PICKLE} inside", "Pyserini's encoded queries")
