"""Fixtures that every test may use."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.prebuilt.server import FileServer, serving

# Tests of the hub ask servers on this machine; read when huggingface_hub is imported.
os.environ.pop("HF_HUB_OFFLINE", None)

# How long an example takes is the machine's affair.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

Collections = Callable[[str], Path]
Pipes = Callable[[Path], Path]


@pytest.fixture(scope="session")
def collections() -> Collections:
    """Return a function from the name of a real collection to its folder.

    Looked up in ``TASB_DATA``, then in ``shared/data`` beside the checkout; a test
    that asks for an absent collection is skipped with the reason.
    """
    checkout = Path(__file__).parents[1]
    root = Path(os.environ.get("TASB_DATA", checkout.parent / "shared" / "data"))

    def folder(name: str) -> Path:
        if not (root / name).is_dir():
            pytest.skip(f"no collection {name} in {root}; set TASB_DATA")
        return root / name

    return folder


@pytest.fixture
def server() -> Iterator[FileServer]:
    """Serve files on this machine; there are none before a test adds them."""
    with serving({}) as server:
        yield server


@pytest.fixture
def piped() -> Iterator[Pipes]:
    """Return a function from a small file to a pipe of its content, as ``<(cat …)``."""
    ends = []

    def pipe(file: Path) -> Path:
        read, write = os.pipe()
        ends.append(read)
        os.write(write, file.read_bytes())
        os.close(write)
        return Path(f"/dev/fd/{read}")

    yield pipe
    for end in ends:
        os.close(end)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep what tests tokenise out of the user's cache."""
    monkeypatch.setenv("TASB_CACHE", str(tmp_path / "tasb-cache"))
