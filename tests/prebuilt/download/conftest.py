"""A file, a server that has it, and short waits."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasb_pyserini.prebuilt.download import http, retry
from tests.prebuilt.server import FileServer, serving

DATA = random.Random(6).randbytes(300_000)


@pytest.fixture
def data() -> bytes:
    return DATA


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(http, "READ_TIMEOUT", 5.0)


@pytest.fixture
def server(data: bytes) -> Iterator[FileServer]:
    with serving({"file": data}) as running:
        yield running


@pytest.fixture
def mirror(data: bytes) -> Iterator[FileServer]:
    with serving({"file": data}) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file"
