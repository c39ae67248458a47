"""A real HTTP server on the loopback interface that misbehaves on demand."""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Lock, Thread


@dataclass
class Faults:
    """What a server does wrong; set while it runs.

    Parameters
    ----------
    drops
        After so many bytes of a body the connection breaks; one of the list is used up
        by each answer.
    statuses
        Status codes sent instead of the file, one an answer, then the file.
    status
        Status code sent instead of the file, always.
    together
        Such a status is sent once so many requests wait for theirs.
    retry_after
        Value of ``Retry-After`` beside such a status.
    no_ranges
        Answer ranges with the whole file and 200.
    no_range_for_zero
        Answer any range with 416.
    always_partial
        Ignore ``If-Range``.
    html
        Answer with a web page and 200.
    loop
        Redirect to itself.
    slow
        Bytes a second of each connection.
    connections
        Answer more at a time than these with 503.
    no_length
        Send no Content-Length (the end is the end of the connection's chunks).
    no_validators
        Send no ETag and no Last-Modified.
    change_after
        After so many answers the file becomes `changed`.
    stall
        Answers hang after their headers, until the server is closed.
    """

    drops: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    status: int | None = None
    together: Barrier = field(default_factory=lambda: Barrier(1))
    retry_after: str | None = None
    no_ranges: bool = False
    no_range_for_zero: bool = False
    always_partial: bool = False
    html: bool = False
    loop: bool = False
    slow: float | None = None
    connections: int | None = None
    no_length: bool = False
    no_validators: bool = False
    change_after: int | None = None
    changed: bytes = b""
    stall: bool = False


@dataclass
class Request:
    """A request that came."""

    path: str
    range: str | None
    if_range: str | None
    status: int = 0


class FileServer(ThreadingHTTPServer):
    """Serves `files` (path → bytes); `requests` says what was asked.

    The ETag of a file is its md5 unless `etags` has another one.
    """

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.files, self.faults = dict(files), Faults()
        self.etags: dict[str, str] = {}
        self.requests: list[Request] = []
        self.lock, self.open, self.closed = Lock(), 0, False

    def url(self, path: str) -> str:
        """Return the URL of a file."""
        return f"http://127.0.0.1:{self.server_port}/{path}"

    @property
    def ranges(self) -> list[str | None]:
        """The ``Range`` headers that came."""
        return [request.range for request in self.requests]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client hangs up."""


@contextmanager
def serving(files: Mapping[str, bytes], port: int = 0) -> Iterator[FileServer]:
    """Serve files while the block runs."""
    server = FileServer(files, port)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closed = True
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        server = self.server
        asked, if_range = self.headers.get("Range"), self.headers.get("If-Range")
        self.request_seen = Request(self.path, asked, if_range)
        with server.lock:
            server.requests.append(self.request_seen)
            server.open += 1
            drop = server.faults.drops.pop(0) if server.faults.drops else None
            if server.faults.statuses:
                status = server.faults.statuses.pop(0)
            else:
                status = server.faults.status or 0
            most = server.faults.connections
            if most is not None and server.open > most:
                status = 503
            after = server.faults.change_after
            if after is not None and len(server.requests) > after:
                server.files[self.path.lstrip("/")] = server.faults.changed
        try:
            self._answer(status, drop)
        finally:
            with server.lock:
                server.open -= 1

    def _answer(self, status: int, drop: int | None) -> None:
        faults, name = self.server.faults, self.path.lstrip("/")
        if status:
            faults.together.wait(timeout=5)
            headers = {"Retry-After": faults.retry_after} if faults.retry_after else {}
            return self._headers(status, 0, headers)
        if faults.loop:
            return self._headers(302, 0, {"Location": self.path})
        if faults.html:
            page = b"<html>Please log in</html>"
            self._headers(200, len(page), {"Content-Type": "text/html; charset=utf-8"})
            return self._body(page, None)
        content = self.server.files.get(name)
        if content is None:
            return self._headers(404, 0, {})
        etag = self.server.etags.get(name) or f'"{_md5(content)}"'
        headers = {} if faults.no_validators else {"ETag": etag}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if_range = self.headers.get("If-Range")
        if if_range is not None and if_range != etag and not faults.always_partial:
            asked = None
        if asked is None or faults.no_ranges:
            if faults.no_length:
                self._headers(200, None, headers)
                return self._body(content, drop)
            self._headers(200, len(content), headers)
            return self._body(content, drop)
        start = int(asked[1])
        stop = min(int(asked[2]) + 1, len(content)) if asked[2] else len(content)
        if start >= len(content) or faults.no_range_for_zero:
            return self._headers(416, 0, {"Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
        self._headers(206, stop - start, headers)
        return self._body(content[start:stop], drop)

    def _headers(self, status: int, length: int | None, extra: dict[str, str]) -> None:
        self.request_seen.status = status
        self.send_response(status)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()

    def _body(self, body: bytes, drop: int | None) -> None:
        while self.server.faults.stall and not self.server.closed:
            time.sleep(0.01)
        rate = self.server.faults.slow
        whole = len(body) if drop is None else min(drop, len(body))
        step = 1 << 16 if rate is None else max(1, int(rate / 50))
        for start in range(0, whole, step):
            self.wfile.write(body[start : min(start + step, whole)])
            if rate is not None:
                time.sleep(1 / 50)
        if whole < len(body):
            self.wfile.flush()
            self.close_connection = True


@lru_cache(maxsize=8)
def _md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()
