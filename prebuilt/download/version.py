"""Whether what a mirror has is the file that the bytes at hand are from."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasb_pyserini.prebuilt.download.http import Answer, MirrorError
from tasb_pyserini.prebuilt.download.state import State


class ChangedError(Exception):
    """A mirror now has another file than the one that the bytes at hand are from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is known in advance of a file.

    Parameters
    ----------
    size
        Bytes; None where unknown.
    digests
        Algorithm → hexadecimal digits; empty where unknown.
    """

    size: int | None
    digests: Mapping[str, str]

    def check_size(self, found: int | None) -> None:
        """Refuse a file of another size.

        Raises
        ------
        MirrorError
            If both sizes are known and differ.
        """
        if None not in (found, self.size) and found != self.size:
            raise MirrorError(f"{found:,} bytes; expected {self.size:,}")


def can_keep(state: State | None, url: str, wanted: Wanted) -> bool:
    """Tell whether bytes at hand may be completed from a mirror.

    With a digest known in advance they may be from any mirror, since the end tells;
    without one only from this mirror, which must be able to say that the file is still
    the same.
    """
    if state is None or not state.done:
        return False
    if wanted.size is not None and state.size not in (None, wanted.size):
        return False
    same_mirror = state.url == url and (state.etag or state.last_modified)
    return bool(wanted.digests or same_mirror)


def version_to_ask(state: State | None, url: str) -> str | None:
    """Return what ``If-Range`` should say; weak ETags are not allowed there."""
    if state is None or state.url != url:
        return None
    weak = state.etag is None or state.etag.startswith("W/")
    return state.last_modified if weak else state.etag


def check_same(answer: Answer, state: State, url: str) -> None:
    """Check that an answer is from the file that the bytes at hand are from.

    Raises
    ------
    ChangedError
        If size, ETag or, where there is none, date differ.
    """
    if None not in (answer.total, state.size) and answer.total != state.size:
        raise ChangedError(f"the file changed: {state.size:,} → {answer.total:,} bytes")
    if state.url != url:
        return
    pairs = (answer.etag, state.etag), (answer.last_modified, state.last_modified)
    now, then = pairs[0] if all(pairs[0]) else pairs[1]
    if now and then and now != then:
        raise ChangedError(f"the file changed: {then} → {now}")


def state_of(answer: Answer, url: str, total: int | None) -> State:
    """Return the state that begins with an answer."""
    return State(
        url=url,
        size=total,
        etag=answer.etag,
        last_modified=answer.last_modified,
    )
