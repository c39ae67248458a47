"""One HTTP request for a span of a file, and what its answer means."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasb_pyserini.prebuilt.download.retry import retry_after

if TYPE_CHECKING:
    from requests import Response

    from tasb_pyserini.prebuilt.download.client import Client

CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 60.0
"""Seconds without a connection, and without a byte."""
READ_AT_ONCE = 1 << 20
"""Most bytes asked of a connection at a time."""


class MirrorError(Exception):
    """A mirror does not have what is wanted."""


class AgainError(Exception):
    """A request failed in a way that may pass.

    Parameters
    ----------
    reason
        What happened.
    asked
        Seconds that the server wants to be left alone.
    """

    def __init__(self, reason: str, asked: float | None = None) -> None:
        super().__init__(reason)
        self.asked = asked


class UnreachableError(AgainError):
    """There was no connection to the host, or to the proxy before it."""


class HostError(MirrorError):
    """A mirror's host can't be reached."""


class RangeError(Exception):
    """A server did not answer a range as HTTP has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server sends.

    Parameters
    ----------
    partial
        Whether it is the span asked for (206), not the whole file (200).
    start
        Place of its first byte in the file.
    total
        Bytes of the whole file, where known.
    etag, last_modified
        Version of the file, where known.
    html
        Whether it says that this is a web page.
    chunks
        The bytes as they come, never unpacked.
    """

    partial: bool
    start: int
    total: int | None
    etag: str | None
    last_modified: str | None
    html: bool
    chunks: Iterator[bytes]


def open_client() -> "Client":
    """Return a client that follows redirects and heeds the environment's proxies."""
    from tasb_pyserini.prebuilt.download.client import Client

    return Client()


@contextmanager
def ask(
    client: "Client",
    url: str,
    span: tuple[int, int | None] | None,
    *,
    version: str | None = None,
) -> Iterator[Answer]:
    """Ask for a span of a file.

    Parameters
    ----------
    span
        ``(start, stop)``; without `stop` up to the end. None for the whole file.
    version
        ETag or date: if the file has another one now, the whole of it is sent.

    Raises
    ------
    UnreachableError
        If there was no connection.
    AgainError
        If the connection broke, or the server is busy (429, 5xx).
    RangeError
        If the server answers 416, or with another span.
    MirrorError
        If the server refuses, sends round in circles, or the URL is none.
    """
    from requests import RequestException, Timeout, TooManyRedirects
    from requests.exceptions import ConnectTimeout, InvalidSchema
    from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

    # Unpacked on the way, the bytes would not be those that ranges count.
    headers = {"Accept-Encoding": "identity"}
    if span is not None:
        start, stop = span
        headers["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        if version is not None:
            headers["If-Range"] = version
    timeout = CONNECT_TIMEOUT, READ_TIMEOUT
    try:
        with client.get(url, headers=headers, timeout=timeout, stream=True) as response:
            yield _read_answer(response, 0 if span is None else span[0])
    except ConnectTimeout as error:
        raise UnreachableError("timed out (ConnectTimeout)") from error
    except (Timeout, ReadTimeoutError) as error:
        raise AgainError(f"timed out ({type(error).__name__})") from error
    except InvalidSchema as error:
        raise MirrorError("protocol other than http and https") from error
    except TooManyRedirects as error:
        raise MirrorError(str(error)) from error
    except (RequestException, HTTPError) as error:
        # requests says by ValueError what no second try will mend: a URL that is none.
        if isinstance(error, ValueError):
            raise MirrorError(str(error)) from error
        causes = list(_causes(error))
        connected = not any(isinstance(one, NewConnectionError) for one in causes)
        words = str(causes[-1]) or type(causes[-1]).__name__
        raise (AgainError if connected else UnreachableError)(words) from error


def _read_answer(response: "Response", start: int) -> Answer:
    code, headers = response.status_code, response.headers
    shown = f"HTTP {code} {response.reason}".rstrip()
    if code == 416:
        raise RangeError(shown)
    if code in (408, 429) or code >= 500:
        raise AgainError(shown, retry_after(headers.get("Retry-After")))
    if code not in (200, 206):
        raise MirrorError(shown)
    if code == 206:
        total = _total(headers.get("Content-Range", ""), start)
    else:
        length = headers.get("Content-Length", "")
        start, total = 0, int(length) if length.isdecimal() else None
    return Answer(
        partial=code == 206,
        start=start,
        total=total,
        etag=headers.get("ETag"),
        last_modified=headers.get("Last-Modified"),
        html=headers.get("Content-Type", "").startswith("text/html"),
        chunks=_chunks(response),
    )


def _chunks(response: "Response") -> Iterator[bytes]:
    """Yield what comes as it comes: a slow server's bytes are not waited for."""
    while chunk := response.raw.read1(READ_AT_ONCE):
        yield chunk


def _total(content_range: str, start: int) -> int | None:
    """Return the size of the file that a part of it was sent from."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", content_range)
    if found is None or int(found[1]) != start:
        raise RangeError(f"Content-Range {content_range!r} for bytes from {start} on")
    return None if found[2] == "*" else int(found[2])


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and, down to the bottom, those that it was raised from."""
    while error is not None:
        yield error
        proxys = getattr(error, "original_error", None)
        error = error.__cause__ or error.__context__ or proxys
