"""What is installed: its status, what it takes, whether it is right, its end."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.cache import entry_folder, record_path, work_folder
from tasb_pyserini.prebuilt.entry import Prebuilt
from tasb_pyserini.prebuilt.fetch import fetch
from tasb_pyserini.prebuilt.installed import listing, remove, status
from tasb_pyserini.prebuilt.verification import verify
from tests.prebuilt.entries import entry, lucene, remote, write_catalog
from tests.prebuilt.server import FileServer


@pytest.fixture
def known(server: FileServer) -> dict[str, Prebuilt]:
    qrels = remote(server, "r.txt", b"1 0 a 1\n", md5=None, size=None)
    entries = (
        lucene(server),
        entry("t", "topics", remote(server, "t.tsv", b"1\tquery\n")),
        entry("r", "qrels", qrels),
    )
    return {each.name: each for each in entries}


@pytest.fixture
def environ(known: dict[str, Prebuilt], tmp_path: Path) -> dict[str, str]:
    catalog = write_catalog(tmp_path / "catalog.json", *known.values())
    return {
        "PYSERINI_CACHE": str(tmp_path / "cache"),
        "TASB_CATALOG": str(catalog),
    }


def test_status_from_absent_over_partial_to_present_and_shared(
    known: dict[str, Prebuilt], environ: dict[str, str], tmp_path: Path
) -> None:
    mini = known["mini"]
    absent = status(mini, environ)
    assert (absent.state, absent.path, absent.taken) == ("absent", None, 0)
    work = work_folder(entry_folder(tmp_path / "cache", mini))
    work.mkdir(parents=True)
    (work / ".x.part").write_bytes(b"x")
    partial = status(mini, environ)
    assert (partial.state, partial.path) == ("partial", None)
    assert partial.taken > 0
    path = fetch("mini", environ, progress=False)
    present = status(mini, environ)
    assert (present.state, present.path) == ("present", path)
    # 4,008 bytes in two files; on the disk they take whole blocks.
    assert 4008 <= present.taken < 100_000
    shared = {
        "PYSERINI_CACHE": str(tmp_path / "other"),
        "TASB_SHARED_CACHE": environ["PYSERINI_CACHE"],
    }
    assert status(mini, shared).state == "shared"


def test_the_listing_has_ours_and_the_users_once_each(environ: dict[str, str]) -> None:
    fetch("t", environ, progress=False)
    states = {each.entry.name: each.state for each in listing(environ)}
    assert states["t"] == "present"
    assert states["mini"] == states["r"] == "absent"
    names = [each.entry.name for each in listing(environ)]
    assert names == sorted(set(names))
    assert len(names) > 3


def test_an_index_is_verified_by_what_was_noted_when_it_was_unpacked(
    environ: dict[str, str],
) -> None:
    path = fetch("mini", environ, progress=False)
    assert verify("mini", environ).faults == ()
    assert verify("mini", environ).unchecked == ()
    content = (path / "_0.cfs").read_bytes()
    (path / "_0.cfs").write_bytes(b"P" + content[1:])
    (path / "segments_1").unlink()
    assert verify("mini", environ).faults == (
        "segments_1: missing",
        "_0.cfs: other bytes than when it was unpacked",
    )
    (path / "_0.cfs").write_bytes(content[1:])
    assert "_0.cfs: 3,999 bytes; expected 4,000" in verify("mini", environ).faults


def test_what_pyserini_fetched_can_not_be_verified_and_says_so(
    environ: dict[str, str],
) -> None:
    path = fetch("mini", environ, progress=False)
    record_path(path).unlink()
    found = verify("mini", environ)
    assert (found.checked, found.faults) == ((), ())
    assert "no note of what they were" in found.unchecked[0]


def test_a_plain_file_is_verified_by_the_catalogue(environ: dict[str, str]) -> None:
    path = fetch("t", environ, progress=False)
    assert verify("t", environ).checked == (
        "t.tsv: bytes as in the catalogue",
        "t.tsv: md5 as in the catalogue",
    )
    assert verify("t", environ).faults == ()
    path.write_bytes(b"1\tQuery\n")
    (fault,) = verify("t", environ).faults
    assert fault.startswith("t.tsv: md5 ")
    path.unlink()
    assert verify("t", environ).faults == ("t.tsv: missing",)


def test_a_file_without_a_checksum_says_that_it_has_none(
    environ: dict[str, str],
) -> None:
    fetch("r", environ, progress=False)
    found = verify("r", environ)
    assert found.unchecked == ("r.txt: the catalogue has no checksum",)
    assert found.faults == ()


def test_what_is_not_there_can_not_be_verified(environ: dict[str, str]) -> None:
    with pytest.raises(TasbError, match=r"t: not there; .*tasb prebuilt get t"):
        verify("t", environ)


@pytest.mark.parametrize("name", ["mini", "t"])
def test_removed_is_gone_and_can_be_fetched_again(
    name: str, environ: dict[str, str], server: FileServer
) -> None:
    path = fetch(name, environ, progress=False)
    assert remove(name, environ) > 0
    assert not path.exists()
    with pytest.raises(TasbError, match=f"{name}: nothing to remove in"):
        remove(name, environ)
    assert fetch(name, environ, progress=False) == path
    assert len(server.requests) == 2


def test_a_begun_download_can_be_removed(
    known: dict[str, Prebuilt], environ: dict[str, str], tmp_path: Path
) -> None:
    work = work_folder(entry_folder(tmp_path / "cache", known["mini"]))
    work.mkdir(parents=True)
    (work / ".x.part").write_bytes(b"x")
    assert remove("mini", environ) > 0
    assert not work.exists()


REMOVE = """
import resource, sys
from tasb_pyserini.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.exit(main(["prebuilt", "remove", "mini"]))
"""


def test_on_a_full_disk_it_can_be_removed(environ: dict[str, str]) -> None:
    path = fetch("mini", environ, progress=False)
    run = subprocess.run(
        [sys.executable, "-c", REMOVE],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert not path.exists()


@pytest.mark.parametrize("again", [False, True])
def test_a_removal_that_was_cut_short_is_ended(
    again: bool,
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed after the rename; Pyserini may have put the folder there again."""

    class KilledError(BaseException):
        pass

    def kill(path: Path) -> None:
        raise KilledError

    path = fetch("mini", environ, progress=False)
    shutil.copytree(path, tmp_path / "mini")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", kill)
        with pytest.raises(KilledError):
            remove("mini", environ)
    assert not path.exists()
    if again:
        (tmp_path / "mini").rename(path)
    assert remove("mini", environ) > 0
    assert sorted(each.name for each in path.parent.rglob("*")) == [
        ".tasb", f"{path.name}.lock",
    ]  # fmt: skip


def test_of_a_linked_folder_the_link_is_removed(
    environ: dict[str, str], tmp_path: Path
) -> None:
    path = fetch("mini", environ, progress=False)
    path.rename(tmp_path / "larger-disk")
    path.symlink_to(tmp_path / "larger-disk")
    remove("mini", environ)
    assert not path.is_symlink()
    assert (tmp_path / "larger-disk" / "segments_1").is_file()


def test_what_is_shared_is_not_removed(environ: dict[str, str], tmp_path: Path) -> None:
    path = fetch("mini", environ, progress=False)
    other = environ | {
        "PYSERINI_CACHE": str(tmp_path / "other"),
        "TASB_SHARED_CACHE": environ["PYSERINI_CACHE"],
    }
    with pytest.raises(TasbError, match="which is only read"):
        remove("mini", other)
    assert path.is_dir()
