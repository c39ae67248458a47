"""SIGKILL, a full disk, no permission, little memory."""

import json
import mmap
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download.state import part_path, state_path
from tests.prebuilt.download.conftest import DATA
from tests.prebuilt.download.downloading import (
    MD5,
    SIZE,
    assert_whole,
    get,
)
from tests.prebuilt.server import FileServer, serving

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
