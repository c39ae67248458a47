"""What the caches hold: listed, measured, removed."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import write_error
from tasb_pyserini.prebuilt.cache import (
    cache_home,
    entry_folder,
    find_cached,
    left_over,
    record_path,
    removed_folder,
    work_folder,
)
from tasb_pyserini.prebuilt.catalog import all_known, find
from tasb_pyserini.prebuilt.entry import Prebuilt
from tasb_pyserini.prebuilt.locks import alone
from tasb_pyserini.prebuilt.space import taken_bytes

State = Literal["present", "shared", "partial", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where an entry is and what it takes.

    Parameters
    ----------
    entry
        What the catalogue says of it.
    state
        ``present`` in the own cache, or in a ``shared`` one; ``partial`` if a download
        was begun; ``absent``.
    path
        What to open; None unless it is there whole.
    taken
        Bytes on the disk that it takes, of a begun download too.
    """

    entry: Prebuilt
    state: State
    path: Path | None
    taken: int


def status(entry: Prebuilt, environ: Mapping[str, str]) -> Status:
    """Return where an entry is and what it takes."""
    folder = entry_folder(cache_home(environ), entry)
    path = find_cached(entry, environ)
    rest = sum(taken_bytes(each) for each in left_over(folder))
    state: State = "partial" if rest else "absent"
    if path is not None:
        state = "present" if path.is_relative_to(folder) else "shared"
    taken = rest + (taken_bytes(path) if path is not None else 0)
    return Status(entry=entry, state=state, path=path, taken=taken)


def listing(environ: Mapping[str, str]) -> Iterator[Status]:
    """Yield the status of each entry that is known, by name, aliases left out."""
    for name, entry in sorted(all_known(environ).items()):
        if name == entry.name:
            yield status(entry, environ)


def remove(name: str, environ: Mapping[str, str]) -> int:
    """Remove an entry from the own cache, and what is left of a begun download.

    Returns
    -------
    int
        Bytes on the disk that it took.

    Raises
    ------
    TasbError
        If the name is unknown, or the own cache has nothing of it.
    """
    entry = find(name, environ)
    folder = entry_folder(cache_home(environ), entry)
    parts = (folder, *left_over(folder))
    there = status(entry, environ)
    if not any(part.is_dir() for part in parts):
        where = f"; it is in {there.path}, which is only read" if there.path else ""
        raise TasbError(f"{entry.name}: nothing to remove in {folder.parent}{where}")
    taken = sum(taken_bytes(part) for part in parts)
    try:
        with alone(work_folder(folder), entry.name):
            for part in left_over(folder):
                _delete(part)
            if folder.is_dir():
                # First its name goes: what is half removed must not be taken for whole.
                removed = folder.rename(removed_folder(folder))
                _delete(removed)
            record_path(folder).unlink(missing_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    return taken


def _delete(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
