"""Query vectors that somebody encoded before, as Pyserini distributes them.

Pyserini's archives (``pyserini-data/encoded-queries``) hold ``embedding.pkl``, a
pickled pandas DataFrame. A pickle can run any code, so only what such a table is made
of is let in, and pandas' own objects are replaced by plain records.
"""

import gzip
import pickle
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import InputError, TasbError

PICKLE = "embedding.pkl"
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
        The ``.tar.gz`` as downloaded, the folder it unpacks to, or ``embedding.pkl``.

    Raises
    ------
    InputError
        If the archive is damaged, or the file asks for anything that a table of vectors
        does not need, or holds no columns ``id``, ``text``, ``embedding``.
    """
    pickled = _read_pickle(path)
    try:
        frame = _TableUnpickler(BytesIO(pickled)).load()
        columns = frame.columns()
        vectors = np.stack(
            [np.asarray(row, np.float32) for row in columns["embedding"]]
        )
        qids = [str(qid) for qid in columns["id"]]
        queries = [str(text).strip() for text in columns["text"]]
    except _FORBIDDEN as error:
        raise InputError(
            path, None, f"not a table of encoded queries ({error})", "Pyserini's format"
        ) from error
    return EncodedQueries(qids, queries, vectors)


_FORBIDDEN = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What a damaged or foreign pickle ends in."""

_DAMAGED = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error)
_CHUNK = 1 << 20


class _Record:
    """Stands for a pandas object: keeps what it was built from, runs nothing."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.arguments = getattr(self, "arguments", ())
        self.state = state


class _Frame(_Record):
    def columns(self) -> dict[str, Any]:
        """Return the DataFrame's columns by name."""
        manager = self.state.get("_mgr", self.state.get("_data"))
        blocks, axes = _blocks_and_axes(manager)
        names = _labels(axes[0])
        columns: dict[str, Any] = {}
        for values, places in blocks:
            positions = np.arange(len(names))[places]
            columns.update(zip((names[p] for p in positions), values, strict=True))
        return columns


def _blocks_and_axes(manager: _Record) -> tuple[list[tuple[Any, Any]], Any]:
    if manager.state is None:  # pandas ≥ 1.3: BlockManager((block, …), axes)
        blocks, axes = manager.arguments[:2]
        return [block.arguments[:2] for block in blocks], axes
    state = manager.state[3]["0.14.1"]  # up to pandas 1.2
    return [(block["values"], block["mgr_locs"]) for block in state["blocks"]], state[
        "axes"
    ]


def _labels(index: _Record) -> list[str]:
    return [str(label) for label in index.arguments[1]["data"]]


_ALLOWED: dict[tuple[str, str], Callable[..., Any] | type] = {
    ("pandas.core.frame", "DataFrame"): _Frame,
    ("pandas.core.internals.managers", "BlockManager"): _Record,
    ("pandas._libs.internals", "_unpickle_block"): _Record,
    ("pandas.core.indexes.base", "_new_Index"): _Record,
    ("pandas.core.indexes.base", "Index"): _Record,
    ("pandas.core.indexes.range", "RangeIndex"): _Record,
    ("builtins", "slice"): slice,
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
}


class _TableUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for an object that a table needs; refuse the rest."""
        module = module.replace("numpy._core", "numpy.core")
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        if (module, name) == ("numpy.core.numeric", "_frombuffer"):
            return _from_buffer
        if (module, name) == ("numpy.core.multiarray", "_reconstruct"):
            return _reconstruct
        raise pickle.UnpicklingError(f"asks for {module}.{name}")


def _from_buffer(
    buffer: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], order: Any
) -> NDArray[Any]:
    return np.frombuffer(buffer, dtype=dtype).reshape(shape, order=order)


def _reconstruct(kind: type, shape: tuple[int, ...], code: bytes) -> NDArray[Any]:
    return np.ndarray.__new__(np.ndarray, shape, np.dtype(code.decode()))


def _read_pickle(path: Path) -> bytes:
    if path.is_dir():
        path = path / PICKLE
    if not path.is_file():
        raise TasbError(f"{path}: no such file; expected {PICKLE} or its archive")
    if path.name == PICKLE:
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
            "a .tar.gz",
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
