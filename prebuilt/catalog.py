"""What is known by name: our catalogue, those of installed packages, the user's."""

import os
import re
from collections.abc import Mapping
from importlib import metadata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.json_file import read_array
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.prebuilt.entry import Prebuilt, RemoteFile
from tasb_pyserini.prebuilt.schema import read_entry

VARIABLE = "TASB_CATALOG"
"""Environment variable: further catalogue files, separated as in PATH."""

GROUP = "tasb_pyserini.catalogs"
"""Entry points of installed packages, each naming a path to a catalogue file.

That path is a ``pathlib.Path`` or what ``importlib.resources.files`` gives, in
setup.cfg: ``tasb_pyserini.catalogs = mylab = mylab.indexes:CATALOG``, in mylab/indexes:
``CATALOG = files("mylab") / "catalog.json"``.
"""

MIRROR = "TASB_MIRROR"
"""Environment variable: where copies of the files are, URLs separated by spaces."""


def read_catalog(path: Traversable) -> dict[str, Prebuilt]:
    """Read a catalogue, a JSON array of entries; return them by name and alias.

    Raises
    ------
    TasbError
        If the file can't be read, is not JSON, or holds anything else.
    """
    source = Path(str(path))
    remedy = f"see {VARIABLE} and the entry points {GROUP}"
    known: dict[str, Prebuilt] = {}
    for entry in read_array(path, "an array of a catalogue's entries", remedy):
        prebuilt = read_entry(entry, source)
        for name in (prebuilt.name, *prebuilt.aliases):
            if name in known:
                raise InputError(source, None, f"{name!r} twice", "each name once")
            known[name] = prebuilt
    return known


def our_catalog() -> dict[str, Prebuilt]:
    """Return what this package knows, by name and alias."""
    known: dict[str, Prebuilt] = {}
    folder = files("tasb_pyserini.prebuilt") / "catalog"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".json"):
            known |= read_catalog(path)
    return known


def entry_point_catalog() -> dict[str, Prebuilt]:
    """Return what the catalogues of installed packages name; the last package wins.

    Packages are taken in the order of their entry points' names.

    Raises
    ------
    TasbError
        If an entry point can't be loaded or names no path; see also `read_catalog`.
    """
    known: dict[str, Prebuilt] = {}
    points = metadata.entry_points(group=GROUP)
    for point in sorted(points, key=lambda point: point.name):
        where = f"entry point {point.name} = {point.value} of {GROUP}"
        expected = "a path to a catalogue file; mend or remove the package it is from"
        try:
            path = point.load()
        except (ImportError, AttributeError) as error:
            raise TasbError(f"{where}: {error}; expected {expected}") from error
        if not isinstance(path, Traversable):
            raise TasbError(f"{where} is {path!r:.60}; expected {expected}")
        known |= read_catalog(path)
    return known


def user_catalog(environ: Mapping[str, str]) -> dict[str, Prebuilt]:
    """Return what the files that ``TASB_CATALOG`` names hold; a later file wins.

    Raises
    ------
    TasbError
        As `read_catalog`.
    """
    known: dict[str, Prebuilt] = {}
    for name in filter(None, environ.get(VARIABLE, "").split(os.pathsep)):
        known |= read_catalog(Path(name).expanduser())
    return known


def all_known(environ: Mapping[str, str]) -> dict[str, Prebuilt]:
    """Return all that is known, by name and alias.

    Of two entries with one name the user's counts before that of an installed package,
    and that before ours.

    Raises
    ------
    TasbError
        If a catalogue is at fault: see `read_catalog`, `entry_point_catalog`.
    """
    return our_catalog() | entry_point_catalog() | user_catalog(environ)


def find(name: str, environ: Mapping[str, str]) -> Prebuilt:
    """Return the entry with a name or alias.

    Raises
    ------
    TasbError
        If there is none, naming the nearest; if a catalogue is at fault.
    """
    known = all_known(environ)
    if name not in known:
        names = sorted({prebuilt.name for prebuilt in known.values()})
        aliases = sorted(set(known).difference(names))
        problem = unknown("prebuilt name", name, names + aliases)
        raise TasbError(f"{problem}; {VARIABLE} adds catalogues of your own")
    return known[name]


def mirrored_urls(file: RemoteFile, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return where a file is, the user's mirrors first.

    ``TASB_MIRROR`` holds prefixes of URLs, separated by white space; a mirror keeps
    each file under its name.

    Raises
    ------
    TasbError
        If a prefix is no URL.

    Examples
    --------
    >>> file = RemoteFile(filename="i.tar.gz", urls=("https://example.org/a/i.tar.gz",))
    >>> mirrored_urls(file, {"TASB_MIRROR": "http://10.0.0.1/copies/"})
    ('http://10.0.0.1/copies/i.tar.gz', 'https://example.org/a/i.tar.gz')
    """
    prefixes = environ.get(MIRROR, "").split()
    for prefix in prefixes:
        if not re.match(r"https?://[^/]", prefix):
            raise TasbError(
                f"{MIRROR}: {prefix!r}; expected URLs that start with http:// or "
                "https://, separated by spaces"
            )
    mirrors = [f"{prefix.rstrip('/')}/{file.filename}" for prefix in prefixes]
    return tuple(dict.fromkeys([*mirrors, *file.urls]))
