"""Whole files, and what is seen, heeded and refused on the way."""

import hashlib
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download import http, transfer
from tasb_pyserini.prebuilt.download.download import download
from tasb_pyserini.prebuilt.download.state import part_path, state_path
from tests.prebuilt.download.conftest import DATA
from tests.prebuilt.download.downloading import (
    MD5,
    OTHER,
    SHA256,
    SIZE,
    assert_whole,
    get,
)
from tests.prebuilt.server import FileServer


@pytest.mark.parametrize("digests", [MD5, SHA256, MD5 | SHA256, {}])
@pytest.mark.parametrize("size", [SIZE, None])
def test_whole_file_and_nothing_else_remains(
    server: FileServer, target: Path, digests: dict[str, str], size: int | None
) -> None:
    get(target, server, size=size, digests=digests)
    assert_whole(target)
    assert len(server.requests) == 1


def test_what_was_there_is_replaced(server: FileServer, target: Path) -> None:
    target.parent.mkdir()
    target.write_text("old")
    get(target, server, digests=MD5)
    assert_whole(target)


@pytest.mark.parametrize("no_ranges", [False, True])
def test_empty_file(server: FileServer, target: Path, no_ranges: bool) -> None:
    server.files["file"], server.faults.no_ranges = b"", no_ranges
    get(target, server, size=0, digests={"md5": hashlib.md5(b"").hexdigest()})
    assert_whole(target, b"")


def test_arrived_tells_of_a_growing_prefix_that_can_be_read(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SEGMENT", 30_000)
    monkeypatch.setattr(transfer, "ADD_EVERY", 0.0)
    server.faults.slow = 500_000
    seen = []

    def arrived(count: int) -> None:
        seen.append(count)
        assert part_path(target).read_bytes()[:count] == DATA[:count]

    get(target, server, digests=MD5, arrived=arrived)
    assert seen == sorted(set(seen))
    assert len(seen) > 3
    assert seen[-1] == SIZE


def test_arrived_tells_of_a_new_beginning(server: FileServer, target: Path) -> None:
    server.faults.slow = 1_000_000
    server.faults.drops = [200_000]
    server.faults.change_after, server.faults.changed = 1, OTHER
    seen: list[int] = []
    get(target, server, arrived=seen.append)
    assert_whole(target, OTHER)
    assert seen.count(0) == 1
    assert seen[-1] == SIZE


def test_error_in_arrived_ends_the_download_and_keeps_the_part(
    server: FileServer, target: Path
) -> None:
    def full(count: int) -> None:
        raise OSError(28, "No space left on device")

    server.faults.slow = 1_000_000
    with pytest.raises(OSError, match="No space"):
        get(target, server, arrived=full)
    assert state_path(target).exists()
    server.faults.slow = None
    get(target, server)
    assert_whole(target)


def test_giving_up_is_not_taken_for_the_end_of_a_file_of_unknown_length(
    server: FileServer, target: Path
) -> None:
    def full(count: int) -> None:
        raise OSError(28, "No space left on device")

    server.faults.no_length = server.faults.no_ranges = True
    server.faults.slow = 1_000_000
    with pytest.raises(OSError, match="No space"):
        get(target, server, arrived=full)
    state = json.loads(state_path(target).read_text())
    assert state["size"] is None
    server.faults.slow = None
    get(target, server)
    assert_whole(target)


def test_rate_limit_holds_over_all_connections(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SEGMENT", 30_000)
    monkeypatch.setattr(transfer, "ADD_EVERY", 0.0)
    begin = time.monotonic()
    get(target, server, digests=MD5, rate_limit=600_000)
    # Half a second at this rate, a little less as the last byte need not wait.
    assert time.monotonic() - begin >= 0.4
    assert_whole(target)


def test_progress_has_rate_and_time_left(
    server: FileServer, target: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.faults.slow = 500_000
    download([server.url("file")], target, digests=MD5)
    shown = capfd.readouterr().err
    assert "file: " in shown
    assert "300k/300k" in shown
    assert "B/s]" in shown
    assert "00:00<00:00" in shown


def test_proxy_of_the_environment_is_used(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
    server.files["http://somewhere.invalid/file"] = DATA
    download(["http://somewhere.invalid/file"], target, digests=MD5, progress=False)
    assert_whole(target)


def test_server_that_hangs_is_left_after_the_timeout(
    server: FileServer,
    mirror: FileServer,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT", 0.05)
    server.faults.stall = True
    get(target, server, mirror, digests=MD5)
    assert_whole(target)


def test_failure_does_not_wait_for_connections_that_hang(
    server: FileServer, target: Path
) -> None:
    server.faults.stall = True

    def give_up() -> None:
        while not server.requests:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    killer = threading.Thread(target=give_up)
    # A shell's background job starts with this signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    killer.start()
    begin = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            get(target, server)
    finally:
        signal.signal(signal.SIGINT, before)
    killer.join()
    assert time.monotonic() - begin < http.READ_TIMEOUT


def test_unknown_digest_and_no_mirror_are_mistakes(
    server: FileServer, target: Path
) -> None:
    with pytest.raises(TasbError, match="digest 'crc'"):
        get(target, server, digests={"crc": "0"})
    with pytest.raises(TasbError, match="no URL"):
        get(target)
