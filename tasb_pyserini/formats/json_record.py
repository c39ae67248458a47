"""Dataclasses from JSON files: a key a field, each value of the type it is declared."""

import json
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.json_file import Object, read_object, read_object_or_none

T = TypeVar("T")

_PLAIN: dict[Any, set[type]] = {
    **{kind: {kind} for kind in (str, int, bool, NoneType)},
    float: {float, int},
}
"""Type of a field → types of what JSON has for it."""


def read_dataclass(kind: type[T], path: Path, expected: str, remedy: str = "") -> T:
    """Return what a file holds, as `asdict` gave it to JSON.

    Parameters
    ----------
    kind
        A dataclass of texts, numbers, bools and None, and of literals, lists, dicts
        and dataclasses of them; int and float differ, but a float may be written as
        ``1``.
    path, expected, remedy
        As of :func:`~tasb_pyserini.formats.json_file.read_object`.

    Raises
    ------
    InputError
        If it is no JSON object, or a key is missing, unknown, or of another type.
    TasbError
        If it may not be read.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Curve:
    ...     name: str
    ...     values: list[float]
    >>> path = getfixture("tmp_path") / "curve.json"
    >>> _ = path.write_text('{"name": "loss", "values": [2, 1.5]}')
    >>> read_dataclass(Curve, path, "a curve")
    Curve(name='loss', values=[2, 1.5])
    """
    values = read_object(path, expected, remedy)
    try:
        return _filled(kind, values, "")
    except ValueError as error:
        raise InputError(path, None, str(error), expected, remedy) from error


def read_dataclass_or_none(kind: type[T], path: Path) -> T | None:
    """Return what a file holds; None where there is none, or no whole one.

    Raises
    ------
    TasbError
        If something is there that is no file, or may not be read.
    """
    values = read_object_or_none(path)
    if values is not None:
        with suppress(ValueError):
            return _filled(kind, values, "")
    return None


def _filled(kind: type[T], values: Object, prefix: str) -> T:
    assert is_dataclass(kind)
    types = get_type_hints(kind)
    for field in fields(kind):
        optional = field.default is not MISSING or field.default_factory is not MISSING
        if not optional and field.name not in values:
            raise ValueError(f"no {prefix}{field.name}")
    if unknown := [key for key in values if key not in types]:
        raise ValueError(f"unknown key {prefix}{unknown[0]}")
    return kind(**{k: _value(types[k], v, f"{prefix}{k}") for k, v in values.items()})


def _value(kind: Any, value: Any, name: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any or type(value) in _PLAIN.get(kind, ()):
        return value
    if origin in (Union, UnionType):
        for each in inner:
            with suppress(ValueError):
                return _value(each, value, name)
    elif origin is Literal:
        if value in inner:
            return value
    elif is_dataclass(kind) and isinstance(value, dict):
        assert isinstance(kind, type)
        return _filled(kind, value, f"{name}.")
    elif origin is dict and isinstance(value, dict):
        return {k: _value(inner[1], v, f"{name}.{k}") for k, v in value.items()}
    elif origin is list and isinstance(value, list):
        if set(map(type, value)) <= _PLAIN.get(inner[0], set()):
            return value  # thousands of numbers, in a fraction of the time
        return [_value(inner[0], v, f"{name}[{i}]") for i, v in enumerate(value)]
    raise ValueError(f"{name} is {json.dumps(value):.60}")
