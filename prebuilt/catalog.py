"""The prebuilt indexes that are known by name: ours, and those the user adds."""

import json
import os
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.prebuilt.entry import PrebuiltIndex

VARIABLE = "TASB_CATALOG"
"""Environment variable: further catalogue files, separated as in PATH."""


def read_catalog(path: Path) -> dict[str, PrebuiltIndex]:
    """Read a catalogue, a JSON array of entries; return them by name and alias.

    Raises
    ------
    InputError
        If the file can't be read, is not JSON, or holds anything else.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = error.strerror or str(error)
        raise InputError(
            path, None, problem, "a catalogue of indexes", f"see {VARIABLE}"
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise InputError(path, line, "not JSON", "an array of entries") from error
    if not isinstance(entries, list):
        raise InputError(path, None, "not an array", "a JSON array of entries")
    indexes: dict[str, PrebuiltIndex] = {}
    for entry in entries:
        index = PrebuiltIndex.from_dict(entry, path)
        for name in (index.name, *index.aliases):
            if name in indexes:
                raise InputError(path, None, f"{name!r} twice", "each name once")
            indexes[name] = index
    return indexes


def our_catalog() -> dict[str, PrebuiltIndex]:
    """Return the indexes that this package knows, by name and alias."""
    indexes: dict[str, PrebuiltIndex] = {}
    with as_file(files("tasb_pyserini.prebuilt") / "catalog") as folder:
        for path in sorted(folder.glob("*.json")):
            indexes |= read_catalog(path)
    return indexes


def user_catalog(environ: Mapping[str, str]) -> dict[str, PrebuiltIndex]:
    """Return the indexes in the files that ``TASB_CATALOG`` names; a later file wins.

    Raises
    ------
    InputError
        As :func:`read_catalog`.
    """
    indexes: dict[str, PrebuiltIndex] = {}
    for name in filter(None, environ.get(VARIABLE, "").split(os.pathsep)):
        indexes |= read_catalog(Path(name).expanduser())
    return indexes
