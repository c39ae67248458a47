import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from tasb_pyserini.formats import replace
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import (
    _take_place,
    _umask,
    replace_bytes,
    replace_file,
    replace_folder,
)
from tests.formats.listing import names


@contextmanager
def no_privileges() -> Iterator[None]:
    """Be a user whom permissions bind, even where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "run.txt").write_text("old")
        (folder / "index").mkdir()
        (folder / "index" / "docid").write_text("old")
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.npy"
    with replace_bytes(path) as file:
        file.write(b"\x00\xff")
        assert not path.exists()
    assert path.read_bytes() == b"\x00\xff"
    assert names(path.parent) == ["a.npy"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("old")
    with suppress(KeyboardInterrupt), replace_file(path) as file:
        file.write("new")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert names(tmp_path) == ["run.txt"]


def test_a_failed_write_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "index"
    path.mkdir()
    (path / "docid").write_text("old")
    with suppress(KeyboardInterrupt), replace_folder(path) as folder:
        (folder / "docid").write_text("new")
        raise KeyboardInterrupt
    assert (path / "docid").read_text() == "old"
    assert names(tmp_path) == ["index"]


def test_a_folder_takes_the_place_of_another_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "index"
    for number in (1, 2):
        with replace_folder(path) as folder:
            (folder / f"part{number}").write_text("x")
            (folder / "sub").mkdir()
            (folder / "sub" / "file").write_text("y")
    assert names(path) == ["part2", "sub"]
    assert names(path.parent) == ["index"]


def test_the_old_folder_comes_back_where_the_new_one_cannot_be_moved(
    tmp_path: Path,
) -> None:
    path = tmp_path / "index"
    path.mkdir()
    (path / "docid").write_text("old")
    with pytest.raises(FileNotFoundError):
        _take_place(tmp_path / "vanished", path)
    assert (path / "docid").read_text() == "old"
    assert names(tmp_path) == ["index"]


def test_permissions_follow_the_umask_not_the_temporary_file(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        with replace_file(tmp_path / "run.txt") as file:
            file.write("x")
        with replace_folder(tmp_path / "index"):
            pass
    finally:
        os.umask(mask)
    assert (tmp_path / "run.txt").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "index").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("status", ["/proc/self/status", "/absent"])
def test_threads_find_the_umask_and_leave_it(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(replace, "STATUS", Path(status))
    found: set[int] = set()

    def look() -> None:
        found.update(_umask() for _ in range(10_000))

    threads = [Thread(target=look) for _ in range(4)]
    interval, mask = sys.getswitchinterval(), os.umask(0o027)
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
        left = os.umask(mask)
    assert (found, left) == ({0o027}, 0o027)


def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "run.txt").write_text("old")
    link = tmp_path / "run.txt"
    link.symlink_to("disk/run.txt")
    with replace_file(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert (tmp_path / "disk" / "run.txt").read_text() == "new"


def test_a_gz_name_gives_a_compressed_file_with_the_same_bytes_each_time(
    tmp_path: Path,
) -> None:
    contents = []
    for name in ("a.gz", "b.gz"):
        with replace_file(tmp_path / name) as file:
            file.write("naïve\n" * 1000)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    assert gzip.decompress(contents[0]).decode() == "naïve\n" * 1000


def test_what_is_no_file_is_never_replaced_by_one(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, kind in ((tmp_path, "a folder"), (fifo, "a device")):
        with (
            pytest.raises(TasbError, match=f"is {kind}; expected the name of a file"),
            replace_file(path),
        ):
            pytest.fail("opened")
    assert fifo.is_fifo()


def test_a_file_is_never_replaced_by_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with (
        pytest.raises(TasbError, match="is a file; expected the name of a folder"),
        replace_folder(path),
    ):
        pytest.fail("opened")
    assert path.read_text() == "mine"


def test_a_folder_without_permission_gives_one_line_and_stays(
    locked_folder: Path,
) -> None:
    with (
        no_privileges(),
        pytest.raises(TasbError, match=r"run\.txt: not written: Permission denied; ex"),
        replace_file(locked_folder / "run.txt"),
    ):
        pytest.fail("opened")
    with (
        no_privileges(),
        pytest.raises(TasbError, match="index: not written: Permission denied; expect"),
        replace_folder(locked_folder / "index"),
    ):
        pytest.fail("opened")
    assert (locked_folder / "run.txt").read_text() == "old"
    assert (locked_folder / "index" / "docid").read_text() == "old"


def test_a_parent_that_is_a_file_gives_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with (
        pytest.raises(TasbError, match=r"notes/sub/run\.txt: not written: .*; expect"),
        replace_file(tmp_path / "notes" / "sub" / "run.txt"),
    ):
        pytest.fail("opened")


def test_an_unreadable_input_is_not_blamed_on_the_output(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError) as caught,
        replace_file(tmp_path / "run.txt"),
    ):
        (tmp_path / "absent").read_text()
    assert caught.value.filename == str(tmp_path / "absent")
    assert names(tmp_path) == []


SHM = Path("/dev/shm")


@pytest.mark.skipif(not SHM.is_mount(), reason="nothing is mounted at /dev/shm")
def test_a_mount_is_refused_before_the_work() -> None:
    refused = pytest.raises(TasbError, match=r"mounted there.*name a folder inside it")
    with refused, replace_folder(SHM):
        pytest.fail("the work was begun")
