"""A JSON file that holds one object."""

import json
from pathlib import Path
from typing import Any

from tasb_pyserini.formats.errors import InputError


def read_object(path: Path, expected: str) -> dict[str, Any]:
    """Read a file that holds a JSON object.

    Parameters
    ----------
    path
        The file.
    expected
        What the object should be, for errors.

    Raises
    ------
    InputError
        If it holds anything else, or is nested too deeply to be read.
    """
    try:
        values = json.loads(path.read_bytes().decode())
    except ValueError as error:
        raise InputError(path, None, "not JSON", expected) from error
    except RecursionError as error:
        raise InputError(path, None, "nested too deeply", expected) from error
    if not isinstance(values, dict):
        raise InputError(path, None, "not a JSON object", expected)
    return values
