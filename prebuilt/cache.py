"""Where what was fetched lies: Pyserini's cache, its names, and our part of it.

An index ``<stem>.tar.gz`` lies unpacked in ``indexes/<stem>.<md5>``, encoded queries in
``queries/<stem>.<md5>``: so do Pyserini 1.6 and 2.4 have it (``pyserini/util.py``), and
each finds what the other fetched. All else lies under ``tasb/``, which is ours.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.entry import Prebuilt

SHARED = "TASB_SHARED_CACHE"
"""Environment variable: further caches, only read, separated as in PATH."""

PYSERINI_FOLDERS = {
    "faiss": "indexes",
    "lucene": "indexes",
    "encoded-queries": "queries",
}
"""Kind of entry → Pyserini's folder for it."""

OUR_FOLDER = "tasb"

WORK_FOLDER = ".tasb"
"""Beside the entries: what is on its way, locks and records."""


def cache_home(environ: Mapping[str, str]) -> Path:
    """Return Pyserini 2's cache folder, by the rule of its ``util.get_cache_home``."""
    if environ.get("PYSERINI_CACHE"):
        return Path(environ["PYSERINI_CACHE"])
    here = Path.cwd() / ".cache"
    if here.is_dir():
        return here / "pyserini"
    return Path(os.path.expanduser("~")) / ".cache" / "pyserini"


def shared_caches(environ: Mapping[str, str]) -> list[Path]:
    """Return the caches that ``TASB_SHARED_CACHE`` names, first to last."""
    names = environ.get(SHARED, "").split(os.pathsep)
    return [Path(name).expanduser() for name in names if name]


def entry_folder(cache: Path, entry: Prebuilt) -> Path:
    """Return the folder of an entry in a cache, whether it is there or not.

    Raises
    ------
    TasbError
        If the entry mixes an archive with other files.
    """
    if is_archive(entry) and entry.kind in PYSERINI_FOLDERS:
        return cache / PYSERINI_FOLDERS[entry.kind] / entry.folder_name
    folder = cache / OUR_FOLDER / entry.kind
    digests = list(entry.files[0].digests.values())
    if len(entry.files) == 1 and digests:
        return folder / f"{entry.name}.{digests[0]}"  # a new version is a new folder
    return folder / entry.name


def is_archive(entry: Prebuilt) -> bool:
    """Tell whether an entry is one archive; else it is one or more plain files.

    Raises
    ------
    TasbError
        If the entry mixes an archive with other files.
    """
    kinds = [file.archive_kind for file in entry.files]
    if len(kinds) > 1 and any(kinds):
        raise TasbError(
            f"{entry.name}: the catalogue lists {len(kinds)} files, some of them "
            "archives; expected one archive, or files that are none"
        )
    return kinds[0] is not None


def entry_path(folder: Path, entry: Prebuilt) -> Path:
    """Return what a reader opens: the one file, or else the folder."""
    if len(entry.files) == 1 and not is_archive(entry):
        return folder / entry.files[0].filename
    return folder


def work_folder(folder: Path) -> Path:
    """Return where an entry is until it is whole and renamed to `folder`."""
    return folder.parent / WORK_FOLDER / folder.name


def removed_folder(folder: Path) -> Path:
    """Return where an entry is while it is removed; to move it there takes no room."""
    return folder.parent / WORK_FOLDER / f"{folder.name}.removed"


def left_over(folder: Path) -> tuple[Path, Path]:
    """Return what a killed process may leave: a begun download, a begun removal."""
    return work_folder(folder), removed_folder(folder)


def record_path(folder: Path) -> Path:
    """Return where it is noted what an unpacked archive held."""
    return folder.parent / WORK_FOLDER / f"{folder.name}.json"


def caches(environ: Mapping[str, str]) -> list[Path]:
    """Return the caches to look in: the own one, then the shared ones.

    Pyserini 1.6 does not look for ``.cache`` in the current folder; what it fetched
    into the home folder is found too.
    """
    found = [cache_home(environ), *shared_caches(environ)]
    if not environ.get("PYSERINI_CACHE"):
        found.insert(1, Path(os.path.expanduser("~")) / ".cache" / "pyserini")
    return list(dict.fromkeys(found))


def places(entry: Prebuilt, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the folders where an entry may be, one in each of the caches."""
    for cache in caches(environ):
        yield entry_folder(cache, entry)


def find_cached(entry: Prebuilt, environ: Mapping[str, str]) -> Path | None:
    """Return the path of an entry that is there whole, None where none is."""
    for folder in places(entry, environ):
        if folder.is_dir():  # made by a rename, of what was whole
            return entry_path(folder, entry)
    return None
