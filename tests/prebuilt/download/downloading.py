"""A download, and what is left of one that stopped."""

import hashlib
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download import retry
from tasb_pyserini.prebuilt.download.download import download
from tasb_pyserini.prebuilt.download.state import part_path, state_path
from tests.prebuilt.download.conftest import DATA
from tests.prebuilt.server import FileServer

MD5 = {"md5": hashlib.md5(DATA).hexdigest()}
SHA256 = {"sha256": hashlib.sha256(DATA).hexdigest()}
OTHER = random.Random(7).randbytes(len(DATA))
SIZE = len(DATA)


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
