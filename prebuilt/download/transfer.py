"""All missing bytes of a part file from one mirror, over several connections."""

import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Event, Thread

from tasb_pyserini.prebuilt.download.http import (
    AgainError,
    HostError,
    MirrorError,
    RangeError,
    UnreachableError,
    open_client,
)
from tasb_pyserini.prebuilt.download.mirror import Mirror
from tasb_pyserini.prebuilt.download.part import Part
from tasb_pyserini.prebuilt.download.rate import RateLimit
from tasb_pyserini.prebuilt.download.retry import Tries
from tasb_pyserini.prebuilt.download.segments import Span, total
from tasb_pyserini.prebuilt.download.version import Wanted

SEGMENT = 64 << 20
"""Bytes asked for at a time."""
RECORD_EVERY = 0.5
"""Seconds of work that a kill may lose."""
LOOK_EVERY = 0.02
"""Seconds between looks at what has come."""
ADD_EVERY, FAST = 0.1, 100e6
"""Seconds before another connection is opened, and bytes a second that need none."""


class _EndedError(Exception):
    """Another thread failed, or the caller gave up."""


class Transfer:
    """Threads that fetch what a part file lacks from one mirror.

    The first request decides: where it is answered with a range, further connections
    fetch further segments; where with the whole file, one connection does it all.

    Parameters
    ----------
    url
        The mirror.
    part
        Where the bytes go.
    wanted
        What is known of the file.
    rate
        Limit over all connections.
    """

    def __init__(self, url: str, part: Part, wanted: Wanted, rate: RateLimit) -> None:
        self.part, self.rate = part, rate
        self.mirror = Mirror(url, part, wanted, SEGMENT)
        self._changed, self._ended = Condition(), Event()
        self._error: BaseException | None = None
        self._segments = deque([self.mirror.first_segment()])
        self._busy = 0
        self._since, self._had = time.monotonic(), total(part.done)

    def run(self, connections: int, look: Callable[[], bool]) -> None:
        """Fetch all, and look at what comes.

        Parameters
        ----------
        connections
            Most at a time.
        look
            Called in this thread every now and then, and once more at the end; at once
            again where it returns True.

        Raises
        ------
        MirrorError
            If the mirror refuses, has another size, or fails too often; a HostError
            also if there is no connection for the first request.
        ChangedError
            If the bytes at hand are from another file than the mirror now has.
        TasbError
            If the part file cannot be written.
        """
        with open_client() as self._client:
            recorder = self._start(self._record)
            try:
                self._fetch_all(connections, look)
                while look():
                    pass
            finally:
                self._end()
                recorder.join()
        if self._error is not None:
            raise self._error

    def _fetch_all(self, connections: int, look: Callable[[], bool]) -> None:
        threads: list[Thread] = []
        try:
            threads.append(self._start(self._fetch_segments))
            pause = LOOK_EVERY
            while not self._ended.wait(pause):
                pause = 0 if self.mirror.answered and look() else LOOK_EVERY
                if len(threads) < connections and self._gains_from_another():
                    threads.append(self._start(self._fetch_segments))
        finally:
            self._end()
            for thread in threads:
                thread.join()
        if self._error is not None:
            raise self._error

    def _start(self, work: Callable[[], None]) -> Thread:
        thread = Thread(target=self._guarded, args=(work,), daemon=True)
        thread.start()
        return thread

    def _gains_from_another(self) -> bool:
        """Tell whether a further connection may help: so far they are slow."""
        now = time.monotonic()
        if (
            not self._segments
            or not self.mirror.ranged
            or now < self._since + ADD_EVERY
        ):
            return False
        there = total(self.part.done)
        rate = (there - self._had) / (now - self._since)
        self._since, self._had = now, there
        return rate < FAST

    def _guarded(self, work: Callable[[], None]) -> None:
        """Keep the first error of any thread, and end the others."""
        try:
            work()
        except _EndedError:
            pass
        except BaseException as error:
            with self._changed:
                self._error = self._error or error
            self._end()

    def _end(self) -> None:
        with self._changed:
            self._ended.set()
            self._changed.notify_all()
        # A thread may be waiting for bytes that a stalled server never sends.
        self._client.hang_up()

    def _record(self) -> None:
        while not self._ended.wait(RECORD_EVERY):
            self.part.record()
        # While the end of the file is hashed, its bytes go onto the disk.
        self.part.record()

    def _fetch_segments(self) -> None:
        while (segment := self._take()) is not None:
            if not self._fetch(*segment):
                return
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()
        self._end()

    def _take(self) -> Span | None:
        """Return the next segment once there is one; None when all is done."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._segments or not self._busy or self._ended.is_set()
            )
            if self._ended.is_set() or not self._segments:
                return None
            self._busy += 1
            return self._segments.popleft()

    def _leave(self, start: int, stop: int | None) -> bool:
        """Leave the rest of a segment to the other connections, if any is at work.

        The last one that is at work can't: of two that fail together only one leaves.
        """
        with self._changed:
            if stop is None or not self.mirror.ranged or self._busy <= 1:
                return False
            self._busy -= 1
            self._segments.appendleft((start, stop))
            self._changed.notify_all()
            return True

    def _put(self, segments: list[Span]) -> None:
        with self._changed:
            self._segments.extend(segments)
            self._changed.notify_all()

    def _fetch(self, start: int, stop: int | None) -> bool:
        """Fetch a segment; return False if its rest is left to other connections.

        A server may refuse a fourth connection, time and again, and serve three.
        """
        tries = Tries()
        while stop is None or start < stop:
            try:
                begun = start
                if self._ended.is_set():
                    raise _EndedError
                with self.mirror.ask(self._client, start, stop) as answer:
                    (start, stop), others = self.mirror.accept(answer, start, stop)
                    self._put(others)
                    for chunk in answer.chunks:
                        self._write(start, stop, chunk)
                        start += len(chunk)
                        if answer.partial:
                            tries.succeeded()
                if self._ended.is_set():
                    raise _EndedError
                if stop is None:
                    self.mirror.end_of_unknown(answer, start)
                    return True
                if start < stop and start <= begun:
                    raise AgainError(f"ended after {start:,} of {stop:,} bytes")
            except AgainError as error:
                unreachable = isinstance(error, UnreachableError)
                if unreachable and not self.mirror.answered:
                    raise HostError(str(error)) from error
                if not tries.wait(error.asked, self._ended):
                    if self._leave(start, stop):
                        return False
                    kind = HostError if unreachable else MirrorError
                    raise kind(f"{error}, again and again") from error
            except RangeError as error:
                self.mirror.do_without_ranges(error, start)
        return True

    def _write(self, start: int, stop: int | None, chunk: bytes) -> None:
        self.rate.pause(len(chunk), self._ended)
        if self._ended.is_set():
            raise _EndedError
        most = self.mirror.wanted.size if stop is None else stop
        if most is not None and start + len(chunk) > most:
            raise MirrorError(f"sent more than the {most:,} bytes expected")
        self.part.write(start, chunk)
