"""Arrow's arrays from and to NumPy's, by their buffers.

``pyarrow.array``, ``pyarrow.scalar`` and ``to_numpy`` import pandas where it is
installed, which takes longer than fusing two runs.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

SortKeys = tuple[NDArray[Any], ...]
"""What ``numpy.lexsort`` takes: arrays of one length, the weightiest last."""


def from_numbers(values: NDArray[Any]) -> Any:
    """Return a pyarrow array that shares the memory of `values`, shape ``(n,)``."""
    import pyarrow as pa

    values = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def to_numbers(array: Any) -> NDArray[Any]:
    """Return the numbers of a pyarrow array without nulls, sharing its memory."""
    dtype = np.dtype(array.type.to_pandas_dtype())
    if not len(array):
        return np.empty(0, dtype)
    start = array.offset * dtype.itemsize
    return np.frombuffer(array.buffers()[1], dtype, len(array), start)


def from_strings(words: Sequence[str]) -> Any:
    """Return a pyarrow array of strings."""
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    ends = np.fromiter(accumulate(map(len, encoded), initial=0), np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_string(), len(words), buffers)


def from_letters(letters: NDArray[np.uint8]) -> Any:
    """Return a pyarrow array of strings of one length.

    Parameters
    ----------
    letters
        A row a string, of ASCII; shape ``(n, length)``.
    """
    import pyarrow as pa

    size, length = letters.shape
    ends = np.arange(0, (size + 1) * length, length, dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(letters))]
    return pa.Array.from_buffers(pa.large_string(), size, buffers)


def string_bytes(strings: Any) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return where each of a pyarrow array's strings ends, and the bytes of all.

    The first end, one more than there are strings, is 0.
    """
    if not len(strings):
        return np.zeros(1, np.int64), np.empty(0, np.uint8)
    _, bounds, characters = strings.buffers()
    ends = np.frombuffer(bounds, np.int64, len(strings) + 1, 8 * strings.offset)
    if characters is None:
        return ends, np.empty(0, np.uint8)
    letters = np.frombuffer(characters, np.uint8)[ends[0] : ends[-1]]
    return ends - ends[0], letters


def sort_keys(strings: Any) -> SortKeys:
    """Return keys that order a pyarrow array of strings by their UTF-8 bytes.

    Examples
    --------
    >>> np.lexsort(sort_keys(from_strings(["b", "é", "a", "ab"]))).tolist()
    [2, 3, 0, 1]
    """
    ends, letters = string_bytes(strings)
    lengths = ends[1:] - ends[:-1]
    words = -(-int(lengths.max(initial=1)) // 8)
    padded = np.zeros((len(lengths), 8 * words), np.uint8)
    padded[np.arange(8 * words) < lengths[:, None]] = letters
    numbers = padded.view(">u8").astype(np.uint64)
    return (lengths, *numbers.T[::-1])
