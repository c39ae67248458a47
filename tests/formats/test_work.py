import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.work import MANIFEST, open_work


def test_the_same_work_goes_on_and_other_work_is_refused(tmp_path: Path) -> None:
    manifest = {"weights": "sha256:1", "texts": ["a", "b"]}
    for _ in range(2):
        with open_work(tmp_path / "work", manifest):
            pass
    message = r"\(weights: there 'sha256:1', now 'sha256:2'\); choose another output"
    with (
        pytest.raises(TasbError, match=message),
        open_work(tmp_path / "work", manifest | {"weights": "sha256:2"}),
    ):
        pass


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_bad_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with (
        pytest.raises(InputError, match="expected what an earlier run of the same"),
        open_work(tmp_path, {"precision": "fp32"}),
    ):
        pass


def test_parts_of_nobody_knows_what_are_refused(tmp_path: Path) -> None:
    (tmp_path / "00000.npy").write_text("scores of another model")
    with (
        pytest.raises(TasbError, match=r"no manifest\.json, so that nobody knows what"),
        open_work(tmp_path, {}),
    ):
        pass
    assert not (tmp_path / MANIFEST).exists()


REMOVE = """
import os, signal, sys
from pathlib import Path
from tasb_pyserini.formats.work import open_work, remove_work
work, removals = Path(sys.argv[1]), int(sys.argv[2])
with open_work(work / "1-cat", {}):
    for name in "abc":
        (work / "1-cat" / name).write_text("scores")
def kill(event, arguments):
    global removals
    removals -= event == "os.remove"
    if removals < 0:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill)
remove_work(work)
"""


@pytest.mark.parametrize("removals", range(6))
def test_killed_while_it_is_removed_work_leaves_no_part_without_its_manifest(
    tmp_path: Path, removals: int
) -> None:
    work = tmp_path / "run.txt.work"
    subprocess.run([sys.executable, "-c", REMOVE, work, str(removals)], check=False)
    left = {path.name for path in (work / "1-cat").glob("[!.]*")}
    assert len(left) <= 4 - removals + 1  # the lock, which is hidden, is a removal too
    assert not left or MANIFEST in left
    assert work.exists() == (removals < 5)


HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print(flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / ".lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with (
            pytest.raises(TasbError, match="another process is writing into it"),
            open_work(tmp_path, {}),
        ):
            pass
        process.kill()
