"""fetch: several processes at once, and processes that are killed."""

import os
import signal
import socket
from pathlib import Path

import pytest

from tasb_pyserini.prebuilt.download.state import part_path
from tasb_pyserini.prebuilt.fetch import fetch
from tasb_pyserini.prebuilt.locks import alone
from tests.prebuilt.entries import INDEX, contents, lucene, random_archive, unpacked
from tests.prebuilt.fetching import places, start
from tests.prebuilt.server import FileServer


def test_eight_processes_at_once_make_one_download(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    known = lucene(server, random_archive(1 << 20))
    server.faults.slow = 1 << 19
    processes = [start(known, environ, tmp_path) for _ in range(8)]
    ends = [process.communicate(timeout=120) for process in processes]
    folder, _ = places(known, environ)
    assert {out for out, _ in ends} == {f"{folder}\n"}
    assert len(server.requests) == 1
    told = [err for _, err in ends if err]
    assert len(told) <= 7
    assert all(err.startswith("mini: waiting for ") for err in told)
    assert all(err.count("\n") == 1 for err in told)


def test_who_waits_is_told_for_whom(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    known = lucene(server)
    folder, work = places(known, environ)
    with alone(work, "mini"):
        process = start(known, environ, tmp_path)
        assert process.stderr is not None
        told = process.stderr.readline()
    me = f"process {os.getpid()} on {socket.gethostname()}"
    assert told == f"mini: waiting for {me}, which is fetching it\n"
    assert process.communicate(timeout=60) == (f"{folder}\n", "")


def killed_and_resumed(
    kills: int, server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    """Kill a fetch `kills` times, each a bit further on; the next call finishes it."""
    archive = random_archive(2 << 20)
    known = lucene(server, archive)
    folder, work = places(known, environ)
    part = part_path(work / known.files[0].filename)
    server.faults.slow = 2 << 20
    for kill in range(1, kills + 1):
        process = start(known, environ, tmp_path)
        goal = len(archive) * kill // (kills + 2)
        while not (part.exists() and part.stat().st_blocks * 512 >= goal):
            assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert not folder.exists()
    server.faults.slow = None
    assert fetch(known, environ, progress=False) == folder
    assert contents(folder) == unpacked(archive)
    assert not work.exists()
    assert any(server.ranges[1:])


def test_three_kills_and_the_next_call_finishes(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    killed_and_resumed(3, server, environ, tmp_path)


@pytest.mark.slow
def test_twenty_kills_and_the_next_call_finishes(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    killed_and_resumed(20, server, environ, tmp_path)


def test_a_download_that_was_whole_is_not_asked_for_again(
    server: FileServer, environ: dict[str, str]
) -> None:
    # As after a kill between the download's end and the last rename.
    known = lucene(server)
    folder, work = places(known, environ)
    (work / "contents" / "mini").mkdir(parents=True)
    (work / "contents" / "mini" / "half").write_bytes(b"half")
    name = known.files[0].filename
    (work / name).write_bytes(server.files[name])
    assert contents(fetch(known, environ, progress=False)) == INDEX
    assert server.requests == []
    assert folder.is_dir()


def test_what_a_kill_after_the_last_rename_left_goes_with_the_next_call(
    server: FileServer, environ: dict[str, str]
) -> None:
    known = lucene(server)
    path = fetch(known, environ, progress=False)
    _, work = places(known, environ)
    work.mkdir()
    (work / known.files[0].filename).write_bytes(bytes(10))
    assert fetch(known, environ, progress=False) == path
    assert not work.exists()
