"""All missing bytes of a part file from one mirror, over several connections."""

import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Event, Thread
from typing import Any

from tasb_pyserini.prebuilt.download.http import (
    AgainError,
    Answer,
    MirrorError,
    RangeError,
    ask,
    open_client,
)
from tasb_pyserini.prebuilt.download.part import Part
from tasb_pyserini.prebuilt.download.rate import RateLimit
from tasb_pyserini.prebuilt.download.retry import Tries
from tasb_pyserini.prebuilt.download.segments import Span, cut, gaps, prefix, total
from tasb_pyserini.prebuilt.download.version import (
    ChangedError,
    Wanted,
    can_keep,
    check_same,
    state_of,
    version_to_ask,
)

SEGMENT = 64 << 20
"""Bytes asked for at a time."""
RECORD_EVERY = 0.2
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
        self.url, self.part, self.wanted, self.rate = url, part, wanted, rate
        self.kept = can_keep(part.now(), url, wanted)
        self._changed, self._ended = Condition(), Event()
        self._error: BaseException | None = None
        self._streams: list[Any] = []
        self._answered = self._ranged = self._plain = False
        self._segments = deque([self._first_segment()])
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
            If the mirror refuses, has another size, or fails too often.
        ChangedError
            If the bytes at hand are from another file than the mirror now has.
        TasbError
            If the part file cannot be written.
        """
        threads: list[Thread] = []
        with open_client() as self._client:
            try:
                self._start(threads, self._record)
                self._start(threads, self._fetch_segments)
                pause = LOOK_EVERY
                while not self._ended.wait(pause):
                    pause = 0 if self._answered and look() else LOOK_EVERY
                    if len(threads) <= connections and self._gains_from_another():
                        self._start(threads, self._fetch_segments)
            finally:
                self._end()
                for thread in threads:
                    thread.join()
        if self._error is not None:
            raise self._error
        while look():
            pass

    def _start(self, threads: list[Thread], work: Callable[[], None]) -> None:
        thread = Thread(target=self._guarded, args=(work,), daemon=True)
        thread.start()
        threads.append(thread)

    def _gains_from_another(self) -> bool:
        """Tell whether a further connection may help: so far they are slow."""
        now = time.monotonic()
        if not self._segments or not self._ranged or now < self._since + ADD_EVERY:
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
        for stream in list(self._streams):
            _hang_up(stream)

    def _note_stream(self, event: str, about: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._streams.append(about["return_value"])
            if self._ended.is_set():
                _hang_up(about["return_value"])

    def _record(self) -> None:
        while not self._ended.wait(RECORD_EVERY):
            self.part.record()

    def _fetch_segments(self) -> None:
        while (segment := self._take()) is not None:
            left = self._fetch(*segment)
            with self._changed:
                self._busy -= 1
                if left is not None:
                    self._segments.appendleft(left)
                self._changed.notify_all()
            if left is not None:
                return
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

    def _fetch(self, start: int, stop: int | None) -> Span | None:
        """Fetch a segment; return what is left of it to connections that fare better.

        A server may refuse a fourth connection, time and again, and serve three.
        """
        tries = Tries()
        while stop is None or start < stop:
            try:
                begun = start
                with self._ask(start, stop) as answer:
                    start, stop = self._accept(answer, start, stop)
                    for chunk in answer.chunks:
                        self._write(start, stop, chunk)
                        start += len(chunk)
                        if answer.partial:
                            tries.succeeded()
                if stop is None:
                    self._end_of_unknown(answer, start)
                    return None
                if start < stop and start <= begun:
                    raise AgainError(f"ended after {start:,} of {stop:,} bytes")
            except AgainError as error:
                if not tries.wait(error.asked, self._ended):
                    with self._changed:
                        if stop is not None and self._ranged and self._busy > 1:
                            return start, stop
                    raise MirrorError(f"{error}, again and again") from error
            except RangeError as error:
                self._do_without_ranges(error, start)
        return None

    @contextmanager
    def _ask(self, start: int, stop: int | None) -> Iterator[Answer]:
        if self._ended.is_set():
            raise _EndedError
        state = self.part.state
        at_hand = self.kept or self._answered
        span = None if self._plain else (start, stop)
        version = version_to_ask(state, self.url) if at_hand else None
        trace = self._note_stream
        with ask(self._client, self.url, span, version=version, trace=trace) as answer:
            yield answer

    def _accept(
        self, answer: Answer, start: int, stop: int | None
    ) -> tuple[int, int | None]:
        """Check an answer; return the span that it begins and that is to be filled."""
        if not answer.partial:
            return 0, self._begin_whole(answer)
        if self._answered:
            assert self.part.state is not None
            check_same(answer, self.part.state, self.url)
            return start, stop if stop is not None else answer.total
        return self._begin_ranges(answer)

    def _begin_whole(self, answer: Answer) -> int | None:
        if self._ranged:
            raise ChangedError("sent the whole file where a range was asked for")
        self.wanted.check_size(answer.total)
        if self.kept and answer.html:
            raise MirrorError("sent a web page")
        self.part.begin(state_of(answer, self.url, answer.total))
        self._answered = True
        return answer.total

    def _begin_ranges(self, answer: Answer) -> Span:
        state = self.part.state
        size = (
            answer.total
            or self.wanted.size
            or (state.size if self.kept and state else None)
        )
        if size is None:
            raise RangeError("range without the size of the file")
        self.wanted.check_size(size)
        if self.kept and state is not None:
            check_same(answer, state, self.url)
            self.part.learn(state_of(answer, self.url, size))
        else:
            self.part.begin(state_of(answer, self.url, size))
        first, *others = cut(gaps(self.part.done, size), SEGMENT)
        with self._changed:
            self._answered = self._ranged = True
            self._segments.extend(others)
            self._changed.notify_all()
        return first

    def _write(self, start: int, stop: int | None, chunk: bytes) -> None:
        self.rate.pause(len(chunk), self._ended)
        if self._ended.is_set():
            raise _EndedError
        most = self.wanted.size if stop is None else stop
        if most is not None and start + len(chunk) > most:
            raise MirrorError(f"sent more than the {most:,} bytes expected")
        self.part.write(start, chunk)

    def _end_of_unknown(self, answer: Answer, length: int) -> None:
        """Take the end of an answer of unknown length for the end of the file."""
        self.wanted.check_size(length)
        self.part.learn(state_of(answer, self.url, length))

    def _do_without_ranges(self, error: RangeError, start: int) -> None:
        if start > 0 or self.kept or self._answered or self._plain:
            raise ChangedError(str(error)) from error
        self._plain = True

    def _first_segment(self) -> Span:
        state = self.part.state
        if not self.kept or state is None:
            return 0, SEGMENT
        if state.size is None:
            return (start := prefix(self.part.done)), start + SEGMENT
        return next(cut(gaps(self.part.done, state.size), SEGMENT))


def _hang_up(stream: Any) -> None:
    """Wake the thread that waits for a connection's bytes."""
    with suppress(OSError):
        stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
