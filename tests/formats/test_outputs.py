"""What can't or should not be written is refused before the work."""

import os
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import (
    check_files,
    refuse_other_files,
    refuse_to_replace,
)
from tasb_pyserini.indexing.faiss_index import is_faiss_index


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


def check(folder: Path) -> None:
    refuse_to_replace(folder, is_faiss_index, "Faiss index", "an index")


def test_a_new_folder_an_empty_one_and_one_of_its_own_are_taken(
    tmp_path: Path,
) -> None:
    check(tmp_path / "absent")
    check(tmp_path)
    (tmp_path / "docid").write_text("a\n")
    (tmp_path / "index").write_bytes(b"")
    check(tmp_path)


@pytest.mark.parametrize("name", ["thesis.tex", "indexes"])
def test_a_folder_of_other_files_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("years of work")
    with pytest.raises(TasbError) as caught:
        check(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: holds files but no Faiss index; expected a new or empty folder, "
        "or an index to replace"
    )


def test_a_folder_of_the_name_of_its_file_is_no_mark(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    with pytest.raises(TasbError, match="holds files but no Faiss index"):
        check(tmp_path)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(TasbError, match="notes: is a file; expected the name of a fol"):
        check(tmp_path / "notes")


@pytest.mark.parametrize("hidden", [True, False])
def test_hidden_files_count_where_the_caller_says_so(
    tmp_path: Path, hidden: bool
) -> None:
    def look() -> None:
        expected = "an index"
        refuse_other_files(tmp_path, is_faiss_index, "it", expected, hidden=hidden)

    (tmp_path / ".lock").touch()
    if hidden:
        with pytest.raises(TasbError, match="holds files but no it; expected a new or"):
            look()
    else:
        look()
    (tmp_path / "notes").touch()
    with pytest.raises(TasbError, match=r"empty folder, or an index$"):
        look()
