"""Tables of ids: millions of names, numbered from 0, in one text file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.replace import replace_bytes

LINE_END = ord("\n")
BYTES_AT_ONCE = 1 << 24
IDS_AT_ONCE = 1 << 21
NAMES_AT_ONCE = 1 << 16
SMALL = 100_000
"""Up to this many ids in two tables, a dict is quicker than importing Arrow."""


class IdTable:
    """Ids of one kind, numbered from 0.

    They stay the bytes of a text file with one id a line, memory-mapped where it is
    on disk, beside one offset an id: 4 bytes while the file is below 2 GiB. A table
    opened from a file pickles as the file's name.

    Parameters
    ----------
    text
        The lines as bytes, each with its line end; uint8, shape ``(n_bytes,)``.
    path
        The file that `text` maps; None where it is in memory only.

    Examples
    --------
    >>> table = IdTable.of(["d1", "d7"])
    >>> len(table), table[1], list(table)
    (2, 'd7', ['d1', 'd7'])
    >>> table.find(IdTable.of(["d7", "d8"])).tolist()
    [1, -1]
    """

    def __init__(self, text: NDArray[np.uint8], path: Path | None = None) -> None:
        self.path = path
        self._text = text
        self._starts = _line_starts(text)

    @classmethod
    def open(cls, path: Path) -> IdTable:
        """Map a file of one id a line.

        Raises
        ------
        InputError
            If the last line has no line end, as in a file cut short, or a line is
            empty.
        TasbError
            If there is no such file.
        """
        if not path.is_file():
            raise TasbError(f"{path}: no such file; expected one id a line")
        text = (
            np.memmap(path, dtype=np.uint8, mode="r")
            if path.stat().st_size
            else np.empty(0, np.uint8)
        )
        if len(text) and text[-1] != LINE_END:
            raise InputError(path, None, "cut short", "a line end after every id")
        table = cls(text, path.resolve())
        empty = np.flatnonzero(np.diff(table._starts) == 1)
        if len(empty):
            raise InputError(path, int(empty[0]) + 1, "empty line", "one id a line")
        return table

    @classmethod
    def of(cls, names: Iterable[str]) -> IdTable:
        """Return a table in memory.

        Raises
        ------
        TasbError
            If an id is empty or has a line end in it.
        """
        text = bytearray()
        for name in names:
            if not name or "\n" in name:
                raise TasbError(f"id {name!r}: expected one word")
            text += name.encode() + b"\n"
        return cls(np.frombuffer(text, dtype=np.uint8))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> str:
        if not -len(self) <= number < len(self):
            raise IndexError(f"id number {number} of {len(self)}")
        number %= len(self)
        start, end = self._starts[number], self._starts[number + 1]
        return self._text[start : end - 1].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        for begin in range(0, len(self), NAMES_AT_ONCE):
            end = min(begin + NAMES_AT_ONCE, len(self))
            piece = self._text[self._starts[begin] : self._starts[end] - 1]
            yield from piece.tobytes().decode().split("\n")

    def __reduce__(self) -> tuple[object, ...]:
        if self.path is not None:
            return IdTable.open, (self.path,)
        return IdTable, (self._text,)

    def find(self, names: IdTable) -> NDArray[np.int64]:
        """Return the number that each of `names` has here, -1 where absent.

        Parameters
        ----------
        names
            Ids to look up, in any order.

        Returns
        -------
        NDArray[np.int64]
            Shape ``(len(names),)``; the first number where an id stands here twice.
        """
        if len(self) + len(names) <= SMALL:
            numbers = {name: number for number, name in reversed([*enumerate(self)])}
            looked_up = (numbers.get(name, -1) for name in names)
            return np.fromiter(looked_up, dtype=np.int64, count=len(names))
        import pyarrow.compute

        found = np.full(len(names), -1, np.int64)
        ours, wanted = self.to_arrow(), names.to_arrow()
        # In pieces, because Arrow's hash table takes some 70 bytes an id.
        for begin in range(0, len(self), IDS_AT_ONCE):
            piece = ours.slice(begin, IDS_AT_ONCE)
            places = pyarrow.compute.index_in(wanted, piece).fill_null(-1).to_numpy()
            new = (found < 0) & (places >= 0)
            found[new] = places[new] + begin
        return found

    def to_arrow(self) -> Any:
        """Return the ids, line ends included, as an Arrow array without copying."""
        import pyarrow

        large = self._starts.dtype == np.int64
        kind = pyarrow.large_binary() if large else pyarrow.binary()
        buffers = [None, pyarrow.py_buffer(self._starts), pyarrow.py_buffer(self._text)]
        return pyarrow.Array.from_buffers(kind, len(self), buffers)

    def tobytes(self) -> memoryview:
        """Return the lines as the file holds them, without copying."""
        return self._text.data


def write_ids(path: Path, names: Iterable[str]) -> None:
    """Write ids, one a line, whole or not at all.

    Raises
    ------
    TasbError
        If an id is empty or has a line end in it, or the file cannot be written.
    """
    table = names if isinstance(names, IdTable) else IdTable.of(names)
    with replace_bytes(path) as file:
        file.write(table.tobytes())


def _line_starts(text: NDArray[np.uint8]) -> NDArray[np.int32] | NDArray[np.int64]:
    """Return where each line starts, and behind them where the last one ends."""
    kind = np.int32 if len(text) < 2**31 else np.int64
    starts = [np.zeros(1, kind)]
    for begin in range(0, len(text), BYTES_AT_ONCE):
        ends = np.flatnonzero(text[begin : begin + BYTES_AT_ONCE] == LINE_END)
        starts.append((ends + (begin + 1)).astype(kind))
    return np.concatenate(starts)
