"""What can't or should not be written is refused before the work."""

import os
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import check_files


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "topics.tsv").write_text("1\tq\n")
    with pytest.raises(TasbError, match=r"topics\.tsv is no folder that you may write"):
        check_files([tmp_path / "topics.tsv" / "runs" / "run.txt"], [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_locked_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(TasbError, match="can't be written"):
        check_files([tmp_path / "locked" / "new" / "run.txt"], [])


def test_folders_that_are_not_there_yet_are_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_files([Path("a/b/run.txt"), Path("run.txt"), None], [Path("c.tsv")])
    assert not list(tmp_path.glob("a*"))
