"""From a name to files on disk: from a cache, or downloaded, checked and unpacked.

A name in the cache is whole or absent. Until it is whole it grows in ``.tasb/`` beside
its place, under a lock: the download, its part file, and what is unpacked from it while
it comes. What a killed process leaves there the next one takes up.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import WriteError, sync_folder, write_error
from tasb_pyserini.prebuilt.cache import (
    cache_home,
    entry_folder,
    entry_path,
    find_cached,
    is_archive,
    left_over,
    record_path,
    removed_folder,
    work_folder,
)
from tasb_pyserini.prebuilt.catalog import find, mirrored_urls
from tasb_pyserini.prebuilt.download.download import CONNECTIONS, UnreachableError
from tasb_pyserini.prebuilt.entry import Prebuilt
from tasb_pyserini.prebuilt.fetched_file import fetch_archive, fetch_file
from tasb_pyserini.prebuilt.locks import alone
from tasb_pyserini.prebuilt.offline import OFFLINE, refuse_offline
from tasb_pyserini.prebuilt.record import Record, write_record
from tasb_pyserini.prebuilt.space import refuse_small_disk

CONTENTS = "contents"
"""Folder beside the download that holds what is unpacked, or the plain files."""


def fetch(
    entry: str | Prebuilt,
    environ: Mapping[str, str] = os.environ,
    *,
    progress: bool = True,
    connections: int = CONNECTIONS,
    rate_limit: float | None = None,
) -> Path:
    """Return the path of a prebuilt entry, after fetching it if no cache has it.

    What is in the own or a shared cache is used as it is, without any network call.

    Parameters
    ----------
    entry
        Its name, or what the catalogue says of it.
    environ
        Environment variables: ``PYSERINI_CACHE``, ``TASB_SHARED_CACHE``,
        ``TASB_OFFLINE``, ``TASB_CATALOG``, ``TASB_MIRROR``.
    progress
        Whether to show how far a download is.
    connections
        Most at a time, where the server sends ranges of a large file.
    rate_limit
        Most bytes a second to download; None for any number.

    Returns
    -------
    Path
        Folder of an archive's contents or of several files; else the file.

    Raises
    ------
    TasbError
        If the name is unknown, the files can't be had from any of their URLs, or are
        not what the catalogue says; if an archive is refused; if the disk is too small;
        or if ``TASB_OFFLINE`` is set and no cache has the entry.
    """
    if isinstance(entry, str):
        entry = find(entry, environ)
    folder = entry_folder(cache_home(environ), entry)
    work = work_folder(folder)
    if (there := find_cached(entry, environ)) is not None:
        _tidy(folder)
        return there
    refuse_offline(entry, environ)
    options = {
        "progress": progress,
        "connections": connections,
        "rate_limit": rate_limit,
    }
    try:
        with alone(work, entry.name):
            if (there := find_cached(entry, environ)) is not None:
                return there
            urls = {file.filename: mirrored_urls(file, environ) for file in entry.files}
            _fetch(entry, urls, folder, work, **options)
    except UnreachableError as error:
        raise TasbError(
            f"{entry.name}: not in a cache, and {error}; come back with a network; "
            f"{OFFLINE}=1 says how to copy it from another machine"
        ) from error
    except WriteError as error:
        raise WriteError(folder, error.reason) from error
    except OSError as error:
        raise write_error(folder, error) from error
    return entry_path(folder, entry)


def _fetch(
    entry: Prebuilt,
    urls: Mapping[str, Sequence[str]],
    folder: Path,
    work: Path,
    **options: Any,
) -> None:
    """Fetch all files of an entry into `work`; then rename it to `folder`."""
    contents = work / CONTENTS
    if is_archive(entry) and contents.exists():
        # What a killed process unpacked may end anywhere; its download is worth more.
        shutil.rmtree(contents)
    shutil.rmtree(removed_folder(folder), ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    refuse_small_disk(entry, work)
    if is_archive(entry):
        (file,) = entry.files
        record = fetch_archive(file, urls[file.filename], work, contents, **options)
        contents, record = _without_top_folder(contents, record)
        write_record(record_path(folder), record)
    else:
        for file in entry.files:
            fetch_file(file, urls[file.filename], contents / file.filename, **options)
        sync_folder(contents)
    contents.rename(folder)
    sync_folder(folder.parent)
    shutil.rmtree(work)


def _without_top_folder(contents: Path, record: Record) -> tuple[Path, Record]:
    """Return the one folder that an archive holds, as Pyserini does; else all of it."""
    names = list(contents.iterdir())
    if len(names) != 1 or names[0].is_symlink() or not names[0].is_dir():
        return contents, record
    prefix = f"{names[0].name}/"
    return names[0], {name.removeprefix(prefix): is_ for name, is_ in record.items()}


def _tidy(folder: Path) -> None:
    """Remove what a process left behind that was killed after the last rename."""
    rest = [path for path in left_over(folder) if path.is_dir()]
    if not rest:
        return
    lock = FileLock(f"{work_folder(folder)}.lock", timeout=0)
    with suppress(Timeout, OSError), lock:
        for path in rest if folder.is_dir() else ():
            shutil.rmtree(path)
