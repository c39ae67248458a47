"""What one mirror sends of a file, checked against the bytes at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tasb_pyserini.prebuilt.download.http import Answer, MirrorError, RangeError, ask
from tasb_pyserini.prebuilt.download.part import Part
from tasb_pyserini.prebuilt.download.segments import Span, cut, gaps, prefix
from tasb_pyserini.prebuilt.download.version import (
    ChangedError,
    Wanted,
    can_keep,
    check_same,
    state_of,
    version_to_ask,
)

if TYPE_CHECKING:
    from tasb_pyserini.prebuilt.download.client import Client

OpenSpan = tuple[int, int | None]
"""A span whose end may be unknown."""


class Mirror:
    """Asks a mirror for spans of a file, and decides what its answers mean.

    Parameters
    ----------
    url
        Of the file there.
    part
        The bytes at hand; begun anew where the mirror has another file.
    wanted
        What is known of the file.
    segment
        Most bytes asked for at a time.

    Attributes
    ----------
    answered
        Whether a first answer was accepted, from which on the file may not change.
    ranged
        Whether that was a range, so that several connections can share the rest.
    """

    def __init__(self, url: str, part: Part, wanted: Wanted, segment: int) -> None:
        self.url, self.part, self.wanted, self.segment = url, part, wanted, segment
        self.answered = self.ranged = False
        self._kept = can_keep(part.now(), url, wanted)
        self._plain = False

    def first_segment(self) -> Span:
        """Return the span to ask for first."""
        state = self.part.state
        if not self._kept or state is None:
            return 0, self.segment
        if state.size is None:
            return (start := prefix(self.part.done)), start + self.segment
        return next(cut(gaps(self.part.done, state.size), self.segment))

    @contextmanager
    def ask(self, client: "Client", start: int, stop: int | None) -> Iterator[Answer]:
        """Ask for a span, or for all where the mirror sends no ranges.

        Raises
        ------
        AgainError, RangeError, MirrorError
            As `http.ask` says.
        """
        at_hand = self._kept or self.answered
        span = None if self._plain else (start, stop)
        version = version_to_ask(self.part.state, self.url) if at_hand else None
        with ask(client, self.url, span, version=version) as answer:
            yield answer

    def accept(
        self, answer: Answer, start: int, stop: int | None
    ) -> tuple[OpenSpan, list[Span]]:
        """Check an answer to a span that was asked for.

        Returns
        -------
        span
            What it begins and is to be filled.
        others
            Further spans to fetch, known from the first answer on.

        Raises
        ------
        ChangedError
            If it is of another file than the bytes at hand.
        MirrorError
            If it is not of the file wanted.
        """
        if not answer.partial:
            return (0, self._begin_whole(answer)), []
        if self.answered:
            assert self.part.state is not None
            check_same(answer, self.part.state, self.url)
            return (start, stop if stop is not None else answer.total), []
        first, *others = self._begin_ranges(answer)
        return first, others

    def end_of_unknown(self, answer: Answer, length: int) -> None:
        """Take the end of an answer of unknown length for the end of the file."""
        self.wanted.check_size(length)
        self.part.learn(state_of(answer, self.url, length))

    def do_without_ranges(self, error: RangeError, start: int) -> None:
        """Ask for the whole file from now on.

        Raises
        ------
        ChangedError
            If ranges were sent before.
        """
        if start > 0 or self._kept or self.answered or self._plain:
            raise ChangedError(str(error)) from error
        self._plain = True

    def _begin_whole(self, answer: Answer) -> int | None:
        if self.ranged:
            raise ChangedError("sent the whole file where a range was asked for")
        self.wanted.check_size(answer.total)
        if self._kept and answer.html:
            raise MirrorError("sent a web page")
        self.part.begin(state_of(answer, self.url, answer.total))
        self.answered = True
        return answer.total

    def _begin_ranges(self, answer: Answer) -> list[Span]:
        state = self.part.state
        size = (
            answer.total
            or self.wanted.size
            or (state.size if self._kept and state else None)
        )
        if size is None:
            raise RangeError("range without the size of the file")
        self.wanted.check_size(size)
        if self._kept and state is not None:
            check_same(answer, state, self.url)
            self.part.learn(state_of(answer, self.url, size))
        else:
            self.part.begin(state_of(answer, self.url, size))
        self.answered = self.ranged = True
        return list(cut(gaps(self.part.done, size), self.segment))
