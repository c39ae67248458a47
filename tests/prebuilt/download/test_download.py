"""Downloads from servers that misbehave: the right bytes, or what went wrong."""

import hashlib
import json
import mmap
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download import http, retry, transfer
from tasb_pyserini.prebuilt.download.download import download
from tasb_pyserini.prebuilt.download.state import part_path, state_path
from tests.prebuilt.download.conftest import DATA
from tests.prebuilt.server import FileServer, serving

MD5 = {"md5": hashlib.md5(DATA).hexdigest()}
SHA256 = {"sha256": hashlib.sha256(DATA).hexdigest()}
OTHER = random.Random(7).randbytes(len(DATA))
SIZE = len(DATA)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file"


def get(target: Path, *servers: FileServer, **known: Any) -> None:
    urls = [server.url("file") for server in servers]
    download(urls, target, progress=False, **known)


def assert_whole(target: Path, data: bytes = DATA) -> None:
    assert target.read_bytes() == data
    assert os.listdir(target.parent) == ["file"]


def interrupted(target: Path, server: FileServer, at: int, **known: Any) -> None:
    """Leave a part file with the first `at` bytes."""
    server.faults.drops, server.faults.status = [], None
    server.faults.drops = [at, *[0] * retry.TRIES]
    with pytest.raises(TasbError, match="not downloaded"):
        get(target, server, **known)
    server.faults.drops = []
    assert not target.exists()
    state = json.loads(state_path(target).read_text())
    assert state["done"] == [[0, at]]
    assert part_path(target).read_bytes() == DATA[:at]
    server.requests.clear()


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


def test_a_connection_dropped_50_times_is_resumed_each_time(
    server: FileServer, target: Path
) -> None:
    draw = random.Random(1)
    server.faults.drops = [draw.randint(1, 8000) for _ in range(50)]
    get(target, server, digests=MD5)
    assert_whole(target)
    assert server.faults.drops == []
    assert len(server.requests) == 51


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("digests", [MD5, {}])
def test_next_call_goes_on_where_the_last_one_stopped(
    server: FileServer, target: Path, connections: int, digests: dict[str, str]
) -> None:
    interrupted(target, server, 123_456, digests=digests)
    get(target, server, digests=digests, connections=connections)
    assert_whole(target)
    [request] = server.requests
    assert request.range is not None
    assert request.range.startswith("bytes=123456-")
    assert request.if_range == f'"{MD5["md5"]}"'
    assert request.status == 206


def test_whole_part_file_is_checked_and_renamed_without_a_request(
    server: FileServer, target: Path
) -> None:
    interrupted(target, server, 1000, digests=MD5)
    part_path(target).write_bytes(DATA)
    state = json.loads(state_path(target).read_text()) | {"done": [[0, SIZE]]}
    state_path(target).write_text(json.dumps(state))
    get(target, server, digests=MD5)
    assert_whole(target)
    assert server.requests == []


@pytest.mark.parametrize("always_partial", [False, True])
def test_file_that_changed_between_calls_is_begun_anew(
    server: FileServer, target: Path, always_partial: bool
) -> None:
    interrupted(target, server, 123_456)
    server.files["file"] = OTHER
    server.faults.always_partial = always_partial
    get(target, server)
    assert_whole(target, OTHER)


@pytest.mark.parametrize(
    ("changed", "no_validators"),
    [
        (OTHER, False),
        (OTHER[:100_000], False),
        (OTHER[:100_000], True),
        (OTHER * 2, False),
        (OTHER * 2, True),
    ],
)
def test_file_that_changes_half_way_is_begun_anew(
    server: FileServer, target: Path, changed: bytes, no_validators: bool
) -> None:
    server.faults.no_validators = no_validators
    server.faults.drops = [200_000]
    server.faults.change_after, server.faults.changed = 1, changed
    get(target, server)
    assert_whole(target, changed)


def test_file_that_changes_between_parallel_segments_is_begun_anew(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SEGMENT", 30_000)
    server.faults.change_after, server.faults.changed = 4, OTHER
    get(target, server)
    assert_whole(target, OTHER)


def test_weak_etag_is_compared_but_not_sent(server: FileServer, target: Path) -> None:
    server.etags["file"] = 'W/"1"'
    interrupted(target, server, 123_456)
    get(target, server)
    assert_whole(target)
    assert [request.if_range for request in server.requests] == [None]
    interrupted(target.with_name("again"), server, 1000)
    server.etags["file"], server.files["file"] = 'W/"2"', OTHER
    get(target.with_name("again"), server)
    assert target.with_name("again").read_bytes() == OTHER


def test_without_validators_or_digest_nothing_is_kept(
    server: FileServer, target: Path
) -> None:
    server.faults.no_validators = True
    interrupted(target, server, 123_456)
    get(target, server)
    assert_whole(target)
    assert server.ranges == [f"bytes=0-{transfer.SEGMENT - 1}"]


@pytest.mark.parametrize("no_length", [False, True])
def test_server_without_ranges_begins_anew_after_a_drop(
    server: FileServer, target: Path, no_length: bool
) -> None:
    server.faults.no_ranges, server.faults.no_length = True, no_length
    server.faults.drops = [] if no_length else [200_000]
    get(target, server, digests=MD5)
    assert_whole(target)
    assert {request.status for request in server.requests} == {200}


def test_body_of_unknown_length_that_is_short_is_refused(
    server: FileServer, target: Path
) -> None:
    server.faults.no_ranges = server.faults.no_length = True
    server.faults.drops = [200_000]
    with pytest.raises(TasbError, match="200,000 bytes; expected 300,000"):
        get(target, server, size=SIZE)
    assert not target.exists()


def test_416_begins_anew_and_then_without_a_range(
    server: FileServer, target: Path
) -> None:
    interrupted(target, server, 123_456, digests=MD5)
    server.faults.no_range_for_zero = True
    get(target, server, digests=MD5)
    assert_whole(target)
    assert [request.status for request in server.requests] == [416, 416, 200]
    assert server.ranges[-1] is None


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


@pytest.mark.parametrize(
    "note",
    ["", "[]", "{}", '{"url": "x", "size": 3, "done": [[0, 9]]}', '{"done": 3}'],
)
def test_damaged_note_means_a_new_beginning(
    server: FileServer, target: Path, note: str
) -> None:
    interrupted(target, server, 123_456, digests=MD5)
    state_path(target).write_text(note)
    get(target, server, digests=MD5)
    assert_whole(target)
    assert (server.ranges[0] or "").startswith("bytes=0-")


def test_part_file_that_lost_bytes_means_a_new_beginning(
    server: FileServer, target: Path
) -> None:
    interrupted(target, server, 123_456)
    os.truncate(part_path(target), 1000)
    get(target, server)
    assert_whole(target)


def test_segments_come_in_parallel(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SEGMENT", 30_000)
    monkeypatch.setattr(transfer, "ADD_EVERY", 0.01)
    server.faults.slow = 300_000
    most = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.005):
            most = max(most, server.open)

    watcher = threading.Thread(target=watch)
    watcher.start()
    get(target, server, digests=MD5, connections=3)
    done.set()
    watcher.join()
    assert_whole(target)
    assert most == 3
    assert set(server.ranges) == {
        f"bytes={at}-{at + 29_999}" for at in range(0, SIZE, 30_000)
    }
    assert len(server.requests) == 10


def test_drops_in_parallel_segments(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SEGMENT", 30_000)
    monkeypatch.setattr(transfer, "ADD_EVERY", 0.0)
    draw = random.Random(2)
    server.faults.drops = [draw.randint(1, 20_000) for _ in range(20)]
    get(target, server, digests=MD5, connections=4)
    assert_whole(target)


def test_server_that_allows_one_connection_is_served_by_one(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SEGMENT", 30_000)
    monkeypatch.setattr(transfer, "ADD_EVERY", 0.0)
    server.faults.connections, server.faults.slow = 1, 1_000_000
    get(target, server, digests=MD5, connections=4)
    assert_whole(target)
    assert 503 in {request.status for request in server.requests}


def test_gaps_of_an_earlier_call_are_filled(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(target, server, 1000)
    with part_path(target).open("r+b") as part:
        part.seek(50_000)
        part.write(DATA[50_000:90_000])
    state = json.loads(state_path(target).read_text())
    state["done"] = [[0, 1000], [50_000, 90_000]]
    state_path(target).write_text(json.dumps(state))
    get(target, server)
    assert_whole(target)
    assert sorted(map(str, server.ranges)) == [
        "bytes=1000-49999",
        "bytes=90000-299999",
    ]


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


SCRIPT = """
import json, sys
from pathlib import Path
from tasb_pyserini.prebuilt.download import transfer
from tasb_pyserini.prebuilt.download.download import download
words = json.loads(sys.argv[1])
transfer.SEGMENT, transfer.RECORD_EVERY, transfer.ADD_EVERY = 40_000, 0.02, 0.0
download([words["url"]], Path(words["target"]), digests=words["digests"],
         progress=False)
"""


def command(server: FileServer, target: Path) -> list[str]:
    words = {"url": server.url("file"), "target": str(target), "digests": MD5}
    return [sys.executable, "-c", SCRIPT, json.dumps(words)]


def kill_and_resume(server: FileServer, target: Path, kills: int) -> None:
    server.faults.slow = 25_000
    draw = random.Random(kills)
    most = 0
    for _ in range(kills):
        before = len(server.requests)
        with subprocess.Popen(command(server, target)) as process:
            while len(server.requests) == before and process.poll() is None:
                time.sleep(0.005)
            time.sleep(draw.uniform(0, 0.15))
            process.kill()
        if target.exists():
            assert target.read_bytes() == DATA
            most = 0
            target.unlink()
            continue
        if state_path(target).exists():
            done = json.loads(state_path(target).read_text())["done"]
            part = part_path(target).read_bytes()
            assert all(part[start:stop] == DATA[start:stop] for start, stop in done)
            there = sum(stop - start for start, stop in done)
            assert there >= most
            most = there
    assert most > 0
    server.faults.slow = None
    server.requests.clear()
    subprocess.run(command(server, target), check=True)
    assert_whole(target)
    asked = 0
    for text in server.ranges:
        start, stop = (text or "")[6:].split("-")
        asked += int(stop) + 1 - int(start)
    assert asked == SIZE - most


def test_kill_at_3_moments_and_the_next_call_resumes(
    server: FileServer, target: Path
) -> None:
    kill_and_resume(server, target, 3)


@pytest.mark.slow
def test_kill_at_20_moments_and_the_next_call_resumes(
    server: FileServer, target: Path
) -> None:
    kill_and_resume(server, target, 20)


def test_full_disk_is_one_line_and_the_part_is_kept(
    server: FileServer, target: Path
) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        command(server, target),
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert f"{target}: not written: File too large; expected" in last
    state = json.loads(state_path(target).read_text())
    assert 0 < sum(stop - start for start, stop in state["done"]) <= 100_000
    subprocess.run(command(server, target), check=True)
    assert_whole(target)


def test_no_write_permission_is_one_line(server: FileServer, target: Path) -> None:
    target.parent.write_text("a file in the way")
    with pytest.raises(TasbError, match="not written"):
        get(target, server)


@contextmanager
def mapped(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=1) as content:
        yield cast(bytes, content)


MEMORY = """
import json, sys
from pathlib import Path
from benchmarks.figures import peak_mb
from tasb_pyserini.prebuilt.download.download import download
words = json.loads(sys.argv[1])
download([words["url"]], Path(words["target"]), progress=False)
print(peak_mb())
"""


@pytest.mark.slow
def test_2_gb_need_little_memory(tmp_path: Path, target: Path) -> None:
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(2 << 30)
    with mapped(sparse) as content, serving({"file": content}) as server:
        words = json.dumps({"url": server.url("file"), "target": str(target)})
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, words],
            capture_output=True,
            text=True,
            check=True,
        )
    assert target.stat().st_size == 2 << 30
    assert float(done.stdout) < 100
