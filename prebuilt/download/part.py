"""The part file of a download: written at any place, recorded, renamed once whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import WriteError, sync_folder, write_error
from tasb_pyserini.prebuilt.download.segments import Spans, add, gaps
from tasb_pyserini.prebuilt.download.state import (
    State,
    part_path,
    read_state,
    state_path,
    write_state,
)


class Part:
    """The bytes of a file that are there so far. Several threads may write.

    Parameters
    ----------
    target
        Name of the whole file.
    descriptor
        The part file, open for reading and writing.
    state
        What is known of its bytes; None where there are none to use.

    Attributes
    ----------
    done
        Spans that are there; those in `state` are of when it was recorded.
    beginnings
        How often the bytes were given up for new ones.
    """

    def __init__(self, target: Path, descriptor: int, state: State | None) -> None:
        self.target, self.descriptor, self.state = target, descriptor, state
        self.done: Spans = state.done if state else ()
        self.beginnings = 0
        self._recorded = state
        self._lock, self._recording = Lock(), Lock()

    def now(self) -> State | None:
        """Return the state with the spans that are there at this moment."""
        with self._lock:
            return self.state and replace(self.state, done=self.done)

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are there."""
        state = self.state
        if state is None or state.size is None:
            return False
        return not any(gaps(self.done, state.size))

    def begin(self, state: State) -> None:
        """Give up what is there; from now on the bytes are those of `state`."""
        with self._own_errors():
            with self._lock:
                self.beginnings += 1
                self.state, self.done = state, ()
            self.record()
            os.ftruncate(self.descriptor, 0)

    def forget(self) -> None:
        """Give up what is there."""
        with self._own_errors():
            with self._recording, self._lock:
                self.beginnings += 1
                self.state, self.done = None, ()
                self._recorded = None
            state_path(self.target).unlink(missing_ok=True)
            os.ftruncate(self.descriptor, 0)

    def learn(self, state: State) -> None:
        """Take over what `state` says of the file; the bytes stay."""
        with self._lock:
            self.state = state

    def write(self, start: int, chunk: bytes) -> None:
        """Write bytes at a place."""
        view = memoryview(chunk)
        with self._own_errors():
            while view:
                written = os.pwrite(self.descriptor, view, start)
                with self._lock:
                    self.done = add(self.done, start, start + written)
                start, view = start + written, view[written:]

    def record(self) -> None:
        """Bring onto the disk what is there, then a note that it is there."""
        with self._recording, self._own_errors():
            state = self.now()
            if state is not None and state != self._recorded:
                os.fsync(self.descriptor)
                write_state(state_path(self.target), state)
                self._recorded = state

    def finish(self) -> None:
        """Give the part file its final name."""
        with self._own_errors():
            os.fsync(self.descriptor)
            part_path(self.target).replace(self.target)
            sync_folder(self.target.parent)
            state_path(self.target).unlink(missing_ok=True)
            self.state = self._recorded = None

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except WriteError as error:
            raise WriteError(self.target, error.reason) from error
        except OSError as error:
            raise write_error(self.target, error) from error


@contextmanager
def open_part(target: Path) -> Iterator[Part]:
    """Open the part file of a download, new or left over.

    In the end it is recorded; one with nothing of use in it is removed.

    Raises
    ------
    TasbError
        If it cannot be written: permissions, a full disk.
    """
    path = part_path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise write_error(target, error) from error
    try:
        _sweep(state_path(target))
        state = read_state(state_path(target))
        length = os.fstat(descriptor).st_size
        if state is not None and state.done and state.done[-1][1] > length:
            state = None
        part = Part(target, descriptor, state)
        try:
            yield part
        finally:
            with suppress(TasbError):
                part.record()
            if part.state is None:
                path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _sweep(path: Path) -> None:
    """Remove what a process killed while it wrote the note left half-written."""
    for other in list(path.parent.iterdir()):
        if other.name.startswith(f".{path.name}."):
            other.unlink(missing_ok=True)
