"""A pickled pandas table of texts and vectors.

A pickle can run any code, so only what such a table is made of is let in, and every
name that it asks for gets a plain record that keeps what it was built from.
"""

import pickle
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.pickled_records import (
    Array,
    Buffer,
    Dtype,
    Missing,
    Record,
    plain,
)
from tasb_pyserini.encoders.pickled_texts import arrow_texts


def unpickle_table(pickled: bytes) -> dict[str, Sequence[Any]]:
    """Return the columns of a pickled DataFrame by name.

    Reads what pandas 1.0 to 3 write. Cells are strings, numbers, lists, arrays of
    numbers, or None where there is nothing.

    Raises
    ------
    pickle.UnpicklingError
        If the pickle asks for anything that such a table does not need.
    Exception
        One of :data:`FOREIGN`, for what is no pickle, or none of a DataFrame.
    """
    return _columns(_TableUnpickler(BytesIO(pickled)).load())


FOREIGN = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a damaged or foreign pickle ends in."""


class _Frame(Record):
    """``pandas.DataFrame``."""


class _Slice(Record):
    """``slice``."""


class _Strings(Record):
    """One of pandas' arrays of texts."""


class _Chunks(Record):
    """``pyarrow.chunked_array``."""


def _columns(frame: Any) -> dict[str, Sequence[Any]]:
    if not isinstance(frame, _Frame):
        raise ValueError("no DataFrame")
    blocks, axes = _blocks_and_axes(frame.state.get("_mgr", frame.state.get("_data")))
    [names] = _rows(axes[0].arguments[1]["data"])  # of _new_Index(Index, {…})
    columns: dict[str, Sequence[Any]] = {}
    for values, places in blocks:
        if isinstance(places, _Slice):
            places = slice(*places.arguments)
        positions = np.arange(len(names))[plain(places)]
        rows = zip((names[p] for p in positions), _rows(values), strict=True)
        columns.update((name, cells) for name, cells in rows if isinstance(name, str))
    return columns


def _blocks_and_axes(manager: Record) -> tuple[list[tuple[Any, Any]], Any]:
    if manager.state is None:  # pandas ≥ 1.3: BlockManager((block, …), axes)
        blocks, axes = manager.arguments[:2]
        return [block.arguments[:2] for block in blocks], axes
    state = manager.state[3]["0.14.1"]  # up to pandas 1.2
    return [(block["values"], block["mgr_locs"]) for block in state["blocks"]], state[
        "axes"
    ]


def _rows(values: Any) -> Sequence[Sequence[Any]]:
    """Return the columns of a block; a list or an array of one dimension is one."""
    if isinstance(values, _Strings):
        if isinstance(values.state, dict):  # pandas' ArrowStringArray
            return [_arrow(values.state.get("_pa_array", values.state.get("_data")))]
        # pandas' StringArray: (dtype, array, …)
        [values] = [part for part in values.state if isinstance(part, Array)]
    if isinstance(values, list):
        return [values]
    array: NDArray[Any] = plain(values)
    return [array.tolist()] if array.ndim == 1 else [row.tolist() for row in array]


def _arrow(array: Any) -> list[str | None]:
    """Return the texts of ``pyarrow.lib``'s ``_restore_array`` or ``chunked_array``."""
    if isinstance(array, _Chunks):
        return [text for chunk in array.arguments[0] for text in _arrow(chunk)]
    kind, length, _, offset, buffers, *_ = array.arguments[0]
    return arrow_texts(kind.arguments[0], length, offset, [*map(_bytes, buffers)])


def _bytes(buffer: Any) -> Any:
    """Return what ``py_buffer(bytes)`` or ``py_buffer(bytearray(bytes))`` holds."""
    return _bytes(buffer.arguments[0]) if isinstance(buffer, Record) else buffer


_ALLOWED: dict[str, type[Record]] = {
    "builtins.bytearray": Record,
    "builtins.slice": _Slice,
    "numpy.dtype": Dtype,
    "numpy.ndarray": Record,
    "numpy.core.multiarray._reconstruct": Array,
    "numpy.core.numeric._frombuffer": Buffer,
    "pandas.core.internals.managers.BlockManager": Record,
    "pandas._libs.internals._unpickle_block": Record,
    "pandas.core.indexes.base._new_Index": Record,
    # up to pandas 2
    "pandas.core.frame.DataFrame": _Frame,
    "pandas.core.indexes.base.Index": Record,
    "pandas.core.indexes.numeric.Int64Index": Record,
    "pandas.core.indexes.range.RangeIndex": Record,
    "pandas.core.arrays.string_.StringArray": _Strings,
    "pandas.core.arrays.string_.StringDtype": Record,
    "pandas.core.arrays.string_arrow.ArrowStringArray": _Strings,
    "pandas.core.arrays.string_arrow.ArrowStringArrayNumpySemantics": _Strings,
    "pandas._libs.missing.NA": Missing,
    # from pandas 3
    "pandas.DataFrame": _Frame,
    "pandas.Index": Record,
    "pandas.NA": Missing,
    "pandas.RangeIndex": Record,
    "pandas.StringDtype": Record,
    "pandas.arrays.ArrowStringArray": _Strings,
    "pandas.arrays.StringArray": _Strings,
    # texts
    "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked": _Strings,
    "pyarrow.lib._restore_array": Record,
    "pyarrow.lib.chunked_array": _Chunks,
    "pyarrow.lib.py_buffer": Record,
    "pyarrow.lib.type_for_alias": Record,
}


class _TableUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type[Record]:
        """Return what stands for an object that a table needs; refuse the rest."""
        asked = f"{module.replace('numpy._core', 'numpy.core')}.{name}"
        if asked not in _ALLOWED:
            raise pickle.UnpicklingError(f"asks for {module}.{name}")
        return _ALLOWED[asked]
