"""The lock of a stage, which its command inherits and may outlive us with."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(lock: Path, what: str, say: Callable[[str], None]) -> Iterator[int]:
    """Hold a lock, once no command of a killed call holds it any more.

    Parameters
    ----------
    lock
        Its file, made if need be.
    what
        Is being made under it.
    say
        Takes a line where there is somebody to wait for.

    Yields
    ------
    int
        The descriptor for the command to inherit: the lock is free once we and the
        command have both ended, however we ended.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{what}: still being made by an earlier call; waiting")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
