"""One process fetches an entry; the others wait and then use what it fetched."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import read_object, write_object

POLL_SECONDS = 0.2

PATIENCE_SECONDS = 0.5
"""How long to wait before saying so."""


@contextmanager
def alone(work: Path, name: str) -> Iterator[None]:
    """Keep other processes from fetching what is fetched in a folder.

    The system gives up the lock of a process that dies, so it blocks nobody. Who has to
    wait is told so in a line on standard error, once. The lock's file stays.

    Parameters
    ----------
    work
        The folder; it need not be there. The lock is ``<work>.lock``.
    name
        What is fetched.
    """
    work.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{work}.lock", timeout=PATIENCE_SECONDS)
    owner = work.with_name(f"{work.name}.owner")
    try:
        lock.acquire()
    except Timeout:
        print(f"{name}: waiting for {_read(owner)}", file=sys.stderr)
        lock.acquire(timeout=-1, poll_interval=POLL_SECONDS)
    try:
        _note(owner)
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _note(owner: Path) -> None:
    """Write who holds the lock; on a full disk those who wait are not told."""
    with suppress(TasbError):
        write_object(owner, {"process": os.getpid(), "host": socket.gethostname()})


def _read(owner: Path) -> str:
    """Return who holds the lock, in words."""
    try:
        values = read_object(owner, "who holds the lock")
        who = f"process {values['process']} on {values['host']}"
    except (TasbError, KeyError):
        who = "another process"
    return f"{who}, which is fetching it"
