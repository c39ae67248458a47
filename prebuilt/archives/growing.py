"""A file that is read while it is being downloaded."""

import io
import os
from pathlib import Path
from threading import Condition
from typing import Any


class Stopped(Exception):
    """What was read is no longer the start of the file, or no more of it comes."""


class GrowingFile(io.RawIOBase):
    """A file of which a first part can be read; a reader waits for what is not there.

    The thread that downloads calls `arrived` and, at last, `finish` or `stop`; another
    one reads, once from front to back.

    Parameters
    ----------
    path
        The file while it grows. It need not be there before the first byte.
    name
        What errors call it.
    """

    def __init__(self, path: Path, name: str) -> None:
        super().__init__()
        self.path, self.name = path, name
        self.available = 0
        self.position = 0
        self.is_whole = False
        self.is_stopped = False
        self._changed = Condition()
        self._file: io.FileIO | None = None
        self._opened: os.stat_result | None = None

    def arrived(self, available: int) -> None:
        """Tell that the first `available` bytes can be read.

        Fewer than before means that the download began anew: the reader is stopped,
        since what it had may be another file's.
        """
        with self._changed:
            if available < self.available:
                self.is_stopped = True
            elif available > 0:
                self._open()
            self.available = available
            self._changed.notify_all()

    def finish(self, path: Path) -> bool:
        """Tell that the file is whole, at `path`; return False if it is another one."""
        with self._changed:
            self.path = path
            self._open()
            there = path.stat()
            assert self._opened is not None
            self.is_stopped |= not os.path.samestat(self._opened, there)
            self.available = there.st_size
            self.is_whole = True
            self._changed.notify_all()
            return not self.is_stopped

    def stop(self) -> None:
        """Tell that no more comes: the reader gets `Stopped`."""
        with self._changed:
            self.is_stopped = True
            self._changed.notify_all()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, waiting for at least a byte.

        Raises
        ------
        Stopped
            If the download ended or began anew.
        """
        with self._changed:
            self._changed.wait_for(self._can_go_on)
            if self.is_stopped:
                raise Stopped(f"{self.name}: no more of it comes")
            if self.available == self.position:
                return 0
            assert self._file is not None
            most = min(len(buffer), self.available - self.position)
            file = self._file
        count = file.readinto(memoryview(buffer)[:most])
        self.position += count
        return count

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()

    def _can_go_on(self) -> bool:
        return self.is_stopped or self.is_whole or self.available > self.position

    def _open(self) -> None:
        if self._file is None:
            self._file = io.FileIO(self.path)
            self._opened = os.fstat(self._file.fileno())
