"""The commands of docs/prf.md run as they stand there."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import build_parser
from tests.docs.pages import environment, marked_commands


def test_each_command_is_one() -> None:
    commands = marked_commands("prf.md").replace("\\\n", " ").splitlines()
    assert len(commands) == 5
    for command in commands:
        tasb, *words = command.split()
        assert tasb == "tasb"
        build_parser(words[0]).parse_args(words)


@pytest.mark.slow
@pytest.mark.pyserini
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["scifact", "vaswani"])
def test_the_page_runs(
    name: str, collections: Callable[[str], Path], tmp_path: Path
) -> None:
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", marked_commands("prf.md")],
        cwd=tmp_path,
        env=environment(tmp_path, collections(name)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    for method in "avg", "rocchio":
        first = (tmp_path / f"run.{method}.txt").read_text().partition("\n")[0]
        assert f" tasb-{method}-prf-depth=3" in first
    print(run.stdout)
