"""A write that is stopped leaves what was there: a full disk, a limit, SIGKILL."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_file, replace_folder
from tests.formats.disks import small_disk
from tests.formats.listing import names
from tests.formats.processes import child


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    with small_disk(tmp_path / "disk", "64k") as folder:
        yield folder


def test_a_full_disk_leaves_the_old_file(disk: Path) -> None:
    path = disk / "run.txt"
    path.write_text("old")
    with (
        pytest.raises(TasbError, match="not written: No space left on device; expect"),
        replace_file(path) as file,
    ):
        file.writelines("x" * 1023 + "\n" for _ in range(200))
    assert path.read_text() == "old"
    assert names(disk) == ["run.txt"]


def test_a_full_disk_leaves_the_old_folder(disk: Path) -> None:
    path = disk / "index"
    path.mkdir()
    (path / "docid").write_text("old")
    with (
        pytest.raises(TasbError, match="index: not written: No space left on device"),
        replace_folder(path) as folder,
    ):
        (folder / "vectors").write_bytes(bytes(200_000))
    assert (path / "docid").read_text() == "old"
    assert names(disk) == ["index"]


def test_a_full_disk_names_the_file_in_the_folder_asked_for(disk: Path) -> None:
    path = disk / "index"
    with (
        pytest.raises(TasbError) as full,
        replace_folder(path) as folder,
        replace_file(folder / "part" / "docid") as file,
    ):
        file.write("x" * 200_000)
    assert str(full.value).startswith(f"{path}/part/docid: not written: No space left")
    assert names(disk) == []


def test_a_write_that_may_not_grow_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("old")
    code = """
import resource, signal, sys
from pathlib import Path
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (9999, resource.RLIM_INFINITY))
try:
    with replace_file(Path(sys.argv[1])) as file:
        file.write("x" * 99999)
except TasbError as error:
    print(error)
"""
    process = child(code, str(path))
    output, errors = process.communicate(timeout=60)
    assert f"{path}: not written: File too large; expected" in output, errors
    assert path.read_text() == "old"
    assert names(tmp_path) == ["run.txt"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_killed_write_leaves_what_was_there(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "out"
    old = path if kind == "file" else path / "part"
    old.parent.mkdir(exist_ok=True)
    old.write_text("old")
    code = """
import sys, time
from pathlib import Path
from tasb_pyserini.formats.replace import replace_file, replace_folder
path = Path(sys.argv[2])
if sys.argv[1] == "file":
    with replace_file(path) as file:
        file.write("new" * 99999)
        print("writing", flush=True)
        time.sleep(60)
else:
    with replace_folder(path) as folder:
        (folder / "part").write_text("new")
        print("writing", flush=True)
        time.sleep(60)
"""
    process = child(code, kind, str(path))
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert old.read_text() == "old"
