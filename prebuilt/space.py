"""Room on the disk, looked at before anything is downloaded."""

import shutil
import stat
from contextlib import suppress
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.entry import Prebuilt, RemoteFile

ESTIMATED_GROWTH = {"collection": 3.5}
"""Kind of entry → bytes unpacked by bytes of the archive: a guess, for plain text."""

USUAL_GROWTH = 1.2
"""A guess for indexes and vectors, which hardly compress."""

MOST_GROWTH = 100
"""An archive of unknown contents that grows more than this is a bomb."""


def refuse_small_disk(entry: Prebuilt, folder: Path) -> None:
    """Refuse to download what does not fit on the disk.

    Parameters
    ----------
    entry
        What is downloaded.
    folder
        Where to; what an earlier try left there need not be downloaded again.

    Raises
    ------
    TasbError
        If the free space is less than the files and an archive's contents take.
        Where the catalogue does not say how much that is, an estimate counts, and the
        message says so.
    """
    download = sum(file.size or 0 for file in entry.files)
    contents, estimates = 0, 0
    for file in entry.files:
        if file.archive_kind is not None:
            contents += unpacked_bytes(file, entry.kind)
            estimates += file.unpacked_size is None
    needed = max(0, download - taken_bytes(folder)) + contents
    free = shutil.disk_usage(folder).free
    if needed > free:
        how = " (an estimate: the catalogue does not say)" if estimates else ""
        unpacked = f", and {contents:,} unpacked{how}" if contents else ""
        raise TasbError(
            f"{entry.name}: the disk of {folder} has {free:,} bytes free, too few for "
            f"{needed:,} more: {download:,} to download{unpacked}; free some, or let "
            "PYSERINI_CACHE name a folder on a larger disk"
        )


def taken_bytes(path: Path) -> int:
    """Return the bytes on the disk that a file or a folder takes; 0 if not there."""
    paths = [path, *path.rglob("*")] if path.is_dir() else [path]
    files = {}
    for each in paths:
        with suppress(FileNotFoundError):  # another process may be at work
            status = each.lstat()
            if stat.S_ISREG(status.st_mode):
                files[status.st_ino] = status.st_blocks * 512
    return sum(files.values())


def unpacked_bytes(file: RemoteFile, kind: str) -> int:
    """Return the bytes of an archive's contents, an estimate where none are known."""
    if file.unpacked_size is not None:
        return file.unpacked_size
    return round((file.size or 0) * ESTIMATED_GROWTH.get(kind, USUAL_GROWTH))


def most_unpacked_bytes(file: RemoteFile) -> int | None:
    """Return the bytes at which unpacking stops: no honest archive has more.

    None where nothing is known of it: then it stops where the disk is full.
    """
    if file.unpacked_size is not None:
        return file.unpacked_size
    return None if file.size is None else file.size * MOST_GROWTH
