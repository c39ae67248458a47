"""What a killed process leaves beside an output goes with the next write of it."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasb_pyserini.formats.replace import replace_file, replace_folder
from tasb_pyserini.formats.temporary import temporary_folder
from tests.formats.listing import names
from tests.formats.processes import child

WRITING = """
import sys
from pathlib import Path
from tasb_pyserini.formats.replace import replace_file, replace_folder
path, text = Path(sys.argv[2]), "theirs"
if sys.argv[1] == "file":
    with replace_file(path) as file:
        file.write(text)
        print("writing", flush=True)
        input()
else:
    with replace_folder(path) as folder:
        (folder / "part").write_text(text)
        print("writing", flush=True)
        input()
"""

BETWEEN_RENAMES = """
import sys, time
from pathlib import Path
from tasb_pyserini.formats.replace import replace_folder

path, renames = Path(sys.argv[1]), []

def hang(event, arguments):
    if event == "os.rename":
        renames.append(arguments)
        if len(renames) == 2:
            print("writing", flush=True)
            time.sleep(60)

sys.addaudithook(hang)
with replace_folder(path) as folder:
    (folder / "part").write_text("new")
"""


def write(kind: str, path: Path) -> None:
    if kind == "file":
        with replace_file(path) as file:
            file.write("ours")
        return
    with replace_folder(path) as folder:
        (folder / "part").write_text("ours")


def read(kind: str, path: Path) -> str:
    return (path if kind == "file" else path / "part").read_text()


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_process_left_goes_with_the_next_write(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "out[1].txt"
    with child(WRITING, kind, str(path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
    [left] = names(tmp_path)
    assert left.startswith(".out[1].txt.")
    write(kind, path)
    assert names(tmp_path) == [path.name]
    assert read(kind, path) == "ours"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_living_process_writes_is_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "out"
    with child(WRITING, kind, str(path)) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "writing\n"
        write(kind, path)
        assert read(kind, path) == "ours"
        assert len(names(tmp_path)) == 2
        process.stdin.write("\n")
    assert process.returncode == 0
    assert names(tmp_path) == ["out"]
    assert read(kind, path) == "theirs"


def test_many_who_write_one_file_at_once_do_not_take_each_other_for_left_over(
    tmp_path: Path,
) -> None:
    def work(_: int) -> None:
        for _ in range(50):
            write("file", tmp_path / "out")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert names(tmp_path) == ["out"]


def test_a_folder_that_is_held_can_be_replaced(tmp_path: Path) -> None:
    with temporary_folder(tmp_path / "out") as folder:
        write("folder", folder)
        assert read("folder", folder) == "ours"
    assert names(tmp_path) == []


def test_hidden_files_of_others_stay(tmp_path: Path) -> None:
    mine = [".a.swp", ".a.20240101", ".a.b.abcd1234.unfinished", ".b.abcd1234.old"]
    for name in mine:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".a.link1234.unfinished").symlink_to(".a.swp")
    write("file", tmp_path / "a")
    write("folder", tmp_path / "b")
    assert names(tmp_path) == sorted([*mine, ".a.link1234.unfinished", "a", "b"])


def test_an_old_folder_that_nothing_took_the_place_of_stays_until_something_does(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out"
    write("folder", path)
    with child(BETWEEN_RENAMES, str(path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
    [old] = tmp_path.glob("*.replaced")
    assert not path.exists()
    with pytest.raises(KeyError), replace_folder(path):
        raise KeyError
    assert names(tmp_path) == [old.name]
    assert read("folder", old) == "ours"
    write("folder", path)
    assert names(tmp_path) == ["out"]
