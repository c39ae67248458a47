"""What a result came about with is told, and nothing of somebody else's."""

import subprocess
from pathlib import Path

import pytest

from tasb_pyserini.regressions.machine import commit


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a git repository with one commit of one file."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path.resolve() / "repository"
    folder.mkdir()
    (folder / "file").write_text("1\n")
    git(folder, "init", "--quiet")
    git(folder, "add", "file")
    who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    git(folder, *who, "commit", "--quiet", "-m", "m")
    return folder


def git(folder: Path, *words: str) -> str:
    done = ["git", "-C", str(folder), *words]
    return subprocess.run(done, check=True, capture_output=True, text=True).stdout


def test_the_commit_of_a_checkout_is_told_with_a_word_on_changes(
    repository: Path,
) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert commit(repository) == head[:7]
    (repository / "file").write_text("2\n")
    assert commit(repository) == f"{head[:7]} with uncommitted changes"


def test_a_package_inside_somebody_elses_repository_has_no_commit(
    repository: Path,
) -> None:
    installed = repository / ".venv" / "site-packages" / "tasb_pyserini"
    installed.mkdir(parents=True)
    assert commit(installed) == ""


def test_what_is_no_repository_has_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == ""
