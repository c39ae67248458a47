"""JSON files that hold one object, or one array: manifests, settings, records."""

import json
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.replace import replace_file

Object = dict[str, Any]


def read_object(path: Path, expected: str, remedy: str = "") -> Object:
    """Return the object in a file.

    Parameters
    ----------
    path
        A UTF-8 file, with or without a byte order mark.
    expected, remedy
        What should be there, and what to do about it, for the error; see `InputError`.

    Raises
    ------
    InputError
        If there is no such file, or it is no JSON object that Python can hold.
    TasbError
        If it is a folder, or may not be read.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "tuned.json"
    >>> _ = path.write_text('{"alpha": 0.5}')
    >>> read_object(path, "what tasb tune wrote")
    {'alpha': 0.5}
    """
    values = _read(path, expected, remedy)
    if not isinstance(values, dict):
        raise InputError(path, None, "not a JSON object", expected, remedy)
    return values


def read_array(path: Traversable, expected: str, remedy: str = "") -> list[Any]:
    """Return the array in a file, which may lie in a package; as `read_object`."""
    values = _read(path, expected, remedy)
    if not isinstance(values, list):
        raise InputError(Path(str(path)), None, "not a JSON array", expected, remedy)
    return values


def read_object_or_none(path: Path) -> Object | None:
    """Return the object in a file; None where there is none, or no whole one.

    Raises
    ------
    TasbError
        If something is there that is no file, or may not be read.
    """
    try:
        return read_object(path, "a JSON object")
    except InputError:
        return None


def write_object(
    path: Path, values: Mapping[str, Any], *, indent: int | None = 2, **form: Any
) -> None:
    """Write an object, and a line end, whole or not at all.

    Parameters
    ----------
    path
        Where to.
    values
        What to write, in this order.
    indent, form
        As of :func:`json.dump`.

    Raises
    ------
    TasbError
        If the file cannot be written; see `replace_file`.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "tuned.json"
    >>> write_object(path, {"alpha": 0.5})
    >>> print(path.read_text(), end="")
    {
      "alpha": 0.5
    }
    """
    with replace_file(path) as file:
        json.dump(dict(values), file, indent=indent, **form)
        file.write("\n")


def _read(path: Traversable, expected: str, remedy: str) -> Any:
    def fault(problem: str, line: int | None = None) -> InputError:
        return InputError(Path(str(path)), line, problem, expected, remedy)

    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise fault("no such file") from error
    except IsADirectoryError as error:
        raise TasbError(f"{path}: is a folder; expected a file") from error
    except OSError as error:
        raise TasbError(
            f"{path}: not read: {error.strerror or error}; expected a file that you "
            "may read"
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise fault(f"not UTF-8 (byte {byte:#04x})", line) from error
    except json.JSONDecodeError as error:
        problem = f"not JSON ({error.msg}, column {error.colno})"
        raise fault(problem, error.lineno) from error
    except RecursionError as error:
        raise fault("JSON nested too deeply") from error
    except ValueError as error:  # a number of more digits than Python reads
        raise fault(f"not JSON ({error})") from error
