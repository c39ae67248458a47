import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.files import (
    _take_place,
    numbered_lines,
    record_lines,
    replace_bytes,
    replace_file,
    replace_folder,
)

CHECKOUT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB, where mounting one is allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount command for a small disk")
    if mounted.returncode:
        pytest.skip(f"no small disk: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


# --- reading ---------------------------------------------------------------------


def test_lines_are_numbered_and_only_a_line_feed_ends_one(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes("1\tone\x85still one\u2028\r\n2\ttwo\n\n3".encode())
    assert list(numbered_lines(path)) == [
        (1, "1\tone\x85still one\u2028"),
        (2, "2\ttwo"),
        (3, ""),
        (4, "3"),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_id(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b"\xef\xbb\xbf1\tone\n\xef\xbb\xbf2\ttwo\n")
    assert list(numbered_lines(path)) == [(1, "1\tone"), (2, "\ufeff2\ttwo")]


def test_compressed_lines_are_the_plain_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress(b"1\tone\n") + gzip.compress(b"2\ttwo\n"))
    assert list(numbered_lines(path)) == [(1, "1\tone"), (2, "2\ttwo")]


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes("ok\nna\xefve\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"a\.tsv:2: byte 0xef; expected UTF-8 text"):
        list(numbered_lines(path))


@pytest.mark.parametrize(
    "content",
    [b"plain text", gzip.compress(b"x\n" * 9999)[:30], gzip.compress(b"x")[:-4]],
    ids=["not gzip", "cut short", "without its end"],
)
def test_a_damaged_gz_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.gz:\d+: damaged gzip stream"):
        list(numbered_lines(path))


@given(place=st.integers(0, 10**6), value=st.integers(0, 255))
def test_a_flipped_byte_in_a_gz_file_never_shows_as_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    content = bytearray(gzip.compress(b"".join(b"%d\tword\n" % i for i in range(99))))
    content[place % len(content)] = value
    path = tmp_path_factory.mktemp("flipped") / "a.gz"
    path.write_bytes(content)
    with suppress(InputError):
        list(numbered_lines(path))


def test_an_absent_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="absent: no such file"):
        list(numbered_lines(tmp_path / "absent"))
    with pytest.raises(TasbError, match="is a folder; expected a file"):
        list(numbered_lines(tmp_path))


def test_blank_lines_are_skipped_at_the_end_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\n\n  \n")
    assert list(record_lines(path)) == [(1, "one"), (2, "two")]
    path.write_text("one\n\n\ntwo\n")
    with pytest.raises(InputError, match=r"a\.txt:2: empty line; .*; remove the line"):
        list(record_lines(path))


# --- writing ---------------------------------------------------------------------


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


def test_a_full_disk_leaves_the_old_file(small_disk: Path) -> None:
    path = small_disk / "run.txt"
    path.write_text("old")
    with (
        pytest.raises(TasbError, match="not written: No space left on device; expect"),
        replace_file(path) as file,
    ):
        file.writelines("x" * 1023 + "\n" for _ in range(200))
    assert path.read_text() == "old"
    assert names(small_disk) == ["run.txt"]


def test_a_full_disk_leaves_the_old_folder(small_disk: Path) -> None:
    path = small_disk / "index"
    path.mkdir()
    (path / "docid").write_text("old")
    with (
        pytest.raises(TasbError, match="index: not written: No space left on device"),
        replace_folder(path) as folder,
    ):
        (folder / "vectors").write_bytes(bytes(200_000))
    assert (path / "docid").read_text() == "old"
    assert names(small_disk) == ["index"]


def child(code: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_write_that_may_not_grow_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("old")
    code = """
import resource, signal, sys
from pathlib import Path
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.files import replace_file
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
from tasb_pyserini.formats.files import replace_file, replace_folder
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
