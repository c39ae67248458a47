"""Hidden files and folders beside an output, which take its place once they are whole.

Who writes one holds a lock on it, which the system gives up when the process ends,
however it ends. So what nobody holds is left of a process that was killed; the next one
to write the same output removes it. On a network's disk, another machine may not see
who holds a folder.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO

ENDING = ".unfinished"
REPLACED = ".replaced"
"""Ending of the old folder, while the new one takes its place."""


@contextmanager
def temporary_file(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Make a hidden file beside `path`; unless renamed, it is gone after the block.

    Yields
    ------
    tuple
        Its name, and the file to write to.
    """
    temporary, descriptor = _make(path, folder=False)
    try:
        with open(descriptor, "wb") as raw:
            yield temporary, raw
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """Make a hidden folder beside `path`; unless renamed, it is gone after the block.

    Examples
    --------
    >>> index = getfixture("tmp_path") / "index"
    >>> with temporary_folder(index) as folder:
    ...     folder.name.startswith(".index."), folder.is_dir()
    (True, True)
    >>> folder.exists()
    False
    """
    temporary, descriptor = _make(path, folder=True)
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        os.close(descriptor)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold what stands at `path`, so that nobody takes it for left over."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def remove_left(path: Path, ending: str = ENDING) -> None:
    """Remove what processes that were killed have left of an output beside it."""
    for left in path.parent.glob(f".{escape(path.name)}.{'?' * 8}{ending}"):
        with suppress(OSError):  # held, renamed, another user's, or not to be locked
            _remove_unheld(left)


def _remove_unheld(left: Path) -> None:
    folder = left.is_dir()
    descriptor = os.open(left, os.O_NOFOLLOW | (os.O_RDONLY if folder else os.O_RDWR))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder:
            shutil.rmtree(left)
        else:
            left.unlink()
    finally:
        os.close(descriptor)


def _make(path: Path, *, folder: bool) -> tuple[Path, int]:
    """Make a hidden file or folder beside `path`; return it and what holds it."""
    remove_left(path)
    names = ENDING, f".{path.name}.", path.parent
    while True:
        if folder:
            temporary = Path(tempfile.mkdtemp(*names))
            try:
                descriptor = os.open(temporary, os.O_RDONLY)
            except FileNotFoundError:
                continue
        else:
            descriptor, name = tempfile.mkstemp(*names)
            temporary = Path(name)
        if _lock(descriptor) and temporary.exists():
            return temporary, descriptor
        os.close(descriptor)  # not held yet, it was taken for left over and removed


def _lock(descriptor: int) -> bool:
    """Hold what is open; tell whether nobody else does, as far as the disk knows."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks; then nothing is removed either
        pass
    return True
