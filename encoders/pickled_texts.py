"""Texts of a pickled table, from the bytes of arrays that Arrow or numpy wrote.

Nothing of those bytes is believed: lengths and places are held against the buffers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Buffer = bytes | bytearray

_PLACES = {"string": "<i4", "large_string": "<i8"}


def arrow_texts(
    kind: str, length: int, offset: int, buffers: Sequence[Buffer | None]
) -> list[str | None]:
    r"""Return the texts of an Arrow array.

    Parameters
    ----------
    kind
        ``string`` or ``large_string``: the width of places in the text.
    length, offset
        Number of texts, and of those before them in the buffers.
    buffers
        As the Arrow columnar format has them: a bit for each text that is there (None:
        all are), where each begins and the last ends, UTF-8.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the buffers hold no such texts.

    Examples
    --------
    >>> places = np.array([0, 1, 1, 3], "<i4").tobytes()
    >>> arrow_texts("string", 3, 0, [b"\x05", places, b"abc"])
    ['a', None, 'bc']
    """
    width = _PLACES[kind]
    if length < 0 or offset < 0:
        raise ValueError("texts of a negative number")
    if not length:
        return []
    there, begins, text = buffers
    if begins is None:
        raise ValueError("texts without their places")
    places = np.frombuffer(begins, width)[offset : offset + length + 1].tolist()
    text = bytes(text or b"")
    within = [0, *places, len(text)]
    if len(places) != length + 1 or within != sorted(within):
        raise ValueError("texts beyond their end")
    marks = [1] * length if there is None else _bits(there)[offset : offset + length]
    return [
        text[begin:end].decode() if mark else None
        for begin, end, mark in zip(places[:-1], places[1:], marks, strict=True)
    ]


def fixed_width_texts(content: Buffer, code: str) -> NDArray[np.object_]:
    """Return the texts of a numpy array such as ``<U7``, as objects.

    Raises
    ------
    ValueError
        If the bytes are no texts of that width.

    Examples
    --------
    >>> fixed_width_texts(np.array(["a", "bcd"]).astype(">U3").tobytes(), ">U3")
    array(['a', 'bcd'], dtype=object)
    """
    width = 4 * int(code[2:])
    if not width or len(content) % width:
        raise ValueError(f"{len(content)} bytes of {code!r}")
    encoding = "utf-32-be" if code[0] == ">" else "utf-32-le"
    starts = range(0, len(content), width)
    return np.array(
        [content[s : s + width].decode(encoding).rstrip("\0") for s in starts], object
    )


def _bits(buffer: Buffer) -> list[int]:
    bits: list[int] = np.unpackbits(
        np.frombuffer(buffer, np.uint8), bitorder="little"
    ).tolist()
    return bits
