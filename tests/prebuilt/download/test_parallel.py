"""Several connections at a time."""

import json
import random
import threading
import time
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download import retry, transfer
from tasb_pyserini.prebuilt.download.state import part_path, state_path
from tests.prebuilt.download.conftest import DATA
from tests.prebuilt.download.downloading import (
    MD5,
    SIZE,
    assert_whole,
    get,
    interrupted,
)
from tests.prebuilt.server import FileServer


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


class SlowCondition(threading.Condition):
    """Lets other threads go on whenever it is released."""

    def __exit__(self, *error: object) -> None:
        super().__exit__(None, None, None)
        time.sleep(0.1)


def test_two_connections_that_fail_together_end_the_download(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "Condition", SlowCondition)
    monkeypatch.setattr(transfer, "SEGMENT", 30_000)
    monkeypatch.setattr(transfer, "ADD_EVERY", 0.0)
    monkeypatch.setattr(retry, "TRIES", 1)
    server.faults.statuses, server.faults.status = [0], 503
    server.faults.together = threading.Barrier(2)
    errors = []

    def fetch() -> None:
        try:
            get(target, server, connections=2)
        except TasbError as error:
            errors.append(str(error))

    fetching = threading.Thread(target=fetch, daemon=True)
    fetching.start()
    fetching.join(timeout=10)
    assert not fetching.is_alive()
    assert "HTTP 503 Service Unavailable, again and again" in errors[0]
    assert [request.status for request in server.requests] == [206, 503, 503]


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
