"""Servers that are busy, refuse or lie: waited for, or left for a mirror."""

import hashlib
import os
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download import retry
from tasb_pyserini.prebuilt.download.download import download
from tests.prebuilt.download.conftest import DATA
from tests.prebuilt.download.downloading import (
    MD5,
    OTHER,
    SHA256,
    SIZE,
    assert_whole,
    get,
    interrupted,
)
from tests.prebuilt.server import FileServer, serving


@pytest.mark.parametrize("status", [429, 500, 503])
def test_busy_server_is_asked_again(
    server: FileServer, target: Path, status: int
) -> None:
    server.faults.statuses = [status] * 3
    get(target, server, digests=MD5)
    assert_whole(target)
    assert [request.status for request in server.requests] == [status] * 3 + [206]


def test_retry_after_is_waited_for(server: FileServer, target: Path) -> None:
    server.faults.statuses, server.faults.retry_after = [503], "1"
    begin = time.monotonic()
    get(target, server, digests=MD5)
    assert time.monotonic() - begin >= 1
    assert_whole(target)


def test_retry_after_of_an_hour_is_a_failure(server: FileServer, target: Path) -> None:
    server.faults.status, server.faults.retry_after = 503, "3600"
    with pytest.raises(TasbError, match="HTTP 503 Service Unavailable"):
        get(target, server)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500, 503])
def test_any_http_error_falls_over_to_the_next_mirror(
    server: FileServer, mirror: FileServer, target: Path, status: int
) -> None:
    server.faults.status = status
    get(target, server, mirror, digests=MD5)
    assert_whole(target)
    assert len(server.requests) == (1 if status < 500 else retry.TRIES)


def test_error_says_a_line_a_mirror(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    server.faults.loop = True
    mirror.faults.status = 404
    nobody = "http://127.0.0.1:1/file"
    urls = [server.url("file"), mirror.url("file"), nobody, "ftp://there/file", "http:"]
    with pytest.raises(TasbError) as raised:
        download(urls, target, progress=False)
    first, *lines = str(raised.value).splitlines()
    assert first == f"{target}: not downloaded; tried:"
    starts = [f"  {url}: " for url in urls]
    assert [line.startswith(at) for line, at in zip(lines, starts, strict=True)]
    words = ["redirects", "HTTP 404 Not Found", "refused", "protocol", ""]
    assert all(word in line for word, line in zip(words, lines, strict=True))
    server.faults.loop = False
    get(target, server)
    assert_whole(target)


def test_a_host_that_is_not_reached_is_left_for_the_next_at_once(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(retry.Tries, "wait")  # so that no try is the second
    nobody = "http://127.0.0.1:1"
    urls = [f"{nobody}/a", f"{nobody}/b", server.url("file"), f"{nobody}/c"]
    download(urls, target, digests=MD5, progress=False)
    assert_whole(target)


def test_a_host_that_answered_before_is_tried_again(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults.drops = [123_456]
    wait, again = retry.Tries.wait, ExitStack()
    waits = []

    def watched(self: retry.Tries, asked: float | None, stopped: Event) -> bool:
        """The server ends with the first wait, and is back with the second."""
        waits.append(asked)
        if len(waits) == 1:
            server.shutdown()
            server.server_close()
        else:
            again.enter_context(serving(server.files, server.server_port))
        return wait(self, asked, stopped)

    monkeypatch.setattr(retry.Tries, "wait", watched)
    with again:
        get(target, server, digests=MD5)
    assert_whole(target)
    assert len(waits) == 2


def test_html_page_is_caught_by_its_size_before_it_is_read(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    server.faults.html = True
    get(target, server, mirror, size=SIZE)
    assert_whole(target)
    with pytest.raises(TasbError, match="26 bytes; expected 300,000"):
        get(target, server, size=SIZE)


def test_html_page_is_caught_by_its_digest(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    server.faults.html = True
    get(target, server, mirror, digests=SHA256)
    assert_whole(target)


def test_html_page_does_not_cost_the_bytes_at_hand(
    server: FileServer, target: Path
) -> None:
    interrupted(target, server, 123_456, digests=MD5)
    server.faults.html = True
    with pytest.raises(TasbError, match="web page"):
        get(target, server, digests=MD5)
    server.faults.html = False
    get(target, server, digests=MD5)
    assert_whole(target)
    assert (server.ranges[-1] or "").startswith("bytes=123456-")


def test_wrong_digest_falls_over_to_the_next_mirror(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    server.files["file"] = OTHER
    get(target, server, mirror, size=SIZE, digests=MD5)
    assert_whole(target)
    found = hashlib.md5(OTHER).hexdigest()
    with pytest.raises(TasbError, match=f"md5 {found}; expected {MD5['md5']}"):
        get(target.with_name("b"), server, size=SIZE, digests=MD5)
    assert os.listdir(target.parent) == ["file"]


def test_wrong_length_falls_over_to_the_next_mirror(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    server.files["file"] = DATA + b"!"
    get(target, server, mirror, size=SIZE)
    assert_whole(target)


def test_with_a_digest_the_next_mirror_completes_what_came(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    server.faults.drops = [123_456, *[0] * retry.TRIES]
    mirror.etags["file"] = '"another"'
    get(target, server, mirror, digests=MD5)
    assert_whole(target)
    [request] = mirror.requests
    assert (request.range or "").startswith("bytes=123456-")
    assert request.if_range is None


def test_without_a_digest_the_next_mirror_begins_anew(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    server.faults.drops = [123_456, *[0] * retry.TRIES]
    mirror.files["file"] = OTHER
    get(target, server, mirror)
    assert_whole(target, OTHER)


def test_without_a_digest_the_mirror_that_the_part_is_from_comes_first(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    interrupted(target, mirror, 123_456)
    get(target, server, mirror)
    assert_whole(target)
    assert server.requests == []


def test_bytes_of_a_lying_mirror_are_fetched_anew(
    server: FileServer, mirror: FileServer, target: Path
) -> None:
    server.files["file"] = OTHER
    server.faults.drops = [123_456, *[0] * retry.TRIES]
    get(target, server, mirror, digests=MD5)
    assert_whole(target)
    assert [(text or "").split("-")[0] for text in mirror.ranges] == [
        "bytes=123456",
        "bytes=0",
    ]
