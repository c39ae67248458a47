"""JSONL: one JSON object a line, with an identifier and text."""

import json
from pathlib import Path

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import is_id

Object = dict[str, object]


def parse_object(path: Path, number: int, line: str) -> Object:
    """Return the object on one line of a JSONL file.

    Raises
    ------
    InputError
        If the line is not JSON, not an object, or has half of a surrogate pair,
        which no file could hold again.
    """
    expected = "one JSON object a line"
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        problem = f"not JSON ({error.msg}, column {error.colno})"
        raise _line_error(path, number, line, problem, expected) from error
    except (ValueError, RecursionError) as error:
        raise InputError(path, number, f"not JSON ({error})", expected) from error
    if not isinstance(record, dict):
        problem = f"a JSON {type(record).__name__}"
        raise _line_error(path, number, line, problem, expected)
    if "\\ud" in line or "\\uD" in line:
        _refuse_surrogates(path, number, record)
    return record


def take_id(path: Path, number: int, record: Object, keys: tuple[str, ...]) -> str:
    """Return the identifier under the first of `keys` that `record` has.

    A whole number becomes a string.

    Raises
    ------
    InputError
        If there is none, or it is not one word.
    """
    names = " or ".join(f'"{key}"' for key in keys)
    for key in keys:
        if key not in record:
            continue
        value = record[key]
        if type(value) is int:
            return str(value)
        if isinstance(value, str) and is_id(value):
            return value
        problem = f'"{key}" is {_brief(value)}'
        expected = "a string without white space, or a whole number"
        raise InputError(path, number, problem, expected)
    raise InputError(path, number, f"no id; {_held(record)}", f"an id under {names}")


def take_text(path: Path, number: int, record: Object, keys: tuple[str, ...]) -> str:
    """Return the text under the first of `keys` that `record` has.

    Raises
    ------
    InputError
        If there is none, or it is not a string.
    """
    names = " or ".join(f'"{key}"' for key in keys)
    for key in keys:
        if key in record:
            value = record[key]
            if isinstance(value, str):
                return value
            problem = f'"{key}" is {_brief(value)}'
            raise InputError(path, number, problem, "a string")
    raise InputError(path, number, f"no text; {_held(record)}", f"text under {names}")


def _line_error(
    path: Path, number: int, line: str, problem: str, expected: str
) -> InputError:
    remedy = ""
    if line.lstrip().startswith("[") and number == 1:
        remedy = f"turn the array into lines: jq -c '.[]' {path.name}"
    return InputError(path, number, problem, expected, remedy)


def _refuse_surrogates(path: Path, number: int, record: Object) -> None:
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise InputError(
            path, number, f"half of a surrogate pair ({half!r})", "whole characters"
        ) from error


def _held(record: Object) -> str:
    names = ", ".join(f'"{key}"' for key in list(record)[:8])
    return f"the object has {names}" if names else "the object is empty"


def _brief(value: object) -> str:
    shown = json.dumps(value)
    return shown if len(shown) <= 40 else f"{shown[:40]}…"
