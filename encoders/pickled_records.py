"""What stands for numpy's objects in a pickle: records, and the arrays they mean.

Given a state by a pickle, numpy's own objects believe it: a dtype that denies its
objects lets an array take bytes for their addresses. The arrays are made here instead,
from bytes whose kind was looked at first.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.pickled_texts import fixed_width_texts


class Record:
    """Stands for an object: keeps what it was built from, runs nothing."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.arguments = getattr(self, "arguments", ())
        self.state = state


class Missing(Record):
    """Stands for ``pandas.NA``; the class itself lies in the cells."""


class Dtype(Record):
    """``numpy.dtype``: plain numbers, texts of one width, and objects."""

    def code(self) -> str:
        """Return its code with the byte order, as ``<f4``; ``O`` for objects."""
        [code, *_] = self.arguments
        _, order, *parts = self.state or (3, "|", None, None, None)
        if parts[:3] != [None, None, None] or order not in ("<", ">", "|", "="):
            raise ValueError("an array of records")
        if code in ("O", "O8"):
            return "O"
        if code not in _NUMBERS and not (code[0] == "U" and code[1:].isdecimal()):
            raise ValueError(f"an array of {code!r}")
        return str(order + code)


_NUMBERS = {"f2", "f4", "f8", "b1", *(f"{k}{n}" for k in "iu" for n in (1, 2, 4, 8))}


class Buffer(Record):
    """``numpy``'s ``_frombuffer(buffer, dtype, shape, order)``."""

    def array(self) -> NDArray[Any]:
        """Return the array of numbers."""
        buffer, dtype, shape, order, *_ = self.arguments
        return _from_bytes(buffer, dtype.code(), shape, order)


class Array(Record):
    """``numpy.ndarray``, empty from ``_reconstruct`` until its state is set."""

    def array(self) -> NDArray[Any]:
        """Return the array; of objects, one with the cells that were pickled."""
        _, shape, dtype, by_column, content = self.state
        code = dtype.code()
        order: Literal["C", "F"] = "F" if by_column else "C"
        if code != "O":
            return _from_bytes(content, code, shape, order)
        if not isinstance(content, list):
            raise ValueError("an array of objects without its objects")
        cells = np.empty(len(content), object)
        for place, cell in enumerate(content):
            cells[place] = None if cell is Missing else cell
        return cells.reshape(shape, order=order)


def _from_bytes(content: Any, code: str, shape: Any, order: Any) -> NDArray[Any]:
    if code[1] == "U":
        return fixed_width_texts(content, code).reshape(shape, order=order)
    return np.frombuffer(content, code).reshape(shape, order=order)


def plain(cell: Any) -> Any:
    """Return a cell as Python or numpy has it: the array of a record, or itself."""
    return cell.array() if isinstance(cell, Buffer | Array) else cell
