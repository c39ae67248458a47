"""Downloads that stopped, or whose file changed: the right bytes in the end."""

import json
import os
import random
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download import transfer
from tasb_pyserini.prebuilt.download.state import part_path, state_path
from tests.prebuilt.download.conftest import DATA
from tests.prebuilt.download.downloading import (
    MD5,
    OTHER,
    SIZE,
    assert_whole,
    get,
    interrupted,
)
from tests.prebuilt.server import FileServer


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
