"""A stage that did not end leaves nothing that counts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec
from tests.regressions.tiny import copying_spec, write_spec

SLOW = """\
import pathlib, sys, time
source, target = map(pathlib.Path, sys.argv[1:])
with open("calls", "a") as calls:
    calls.write("begin ")
until = time.monotonic() + 5
while not pathlib.Path("../../go").exists() and time.monotonic() < until:
    time.sleep(0.02)
target.write_text(source.read_text())
with open("calls", "a") as calls:
    calls.write("end ")
"""


def test_an_outcome_half_replaced_by_another_command_is_made_again(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    calls = work / "copying" / "calls"
    assert run_spec(copying, work, data=data).passed
    calls.unlink()
    calls.mkdir()  # so that the command writes its outcome, and fails then
    broken = run_spec(copying, work, data=data, fast=True)
    assert {verdict.verdict for verdict in broken.verdicts} == {"NOT RUN"}
    assert (work / "copying" / "first.txt").is_file()
    calls.rmdir()
    assert run_spec(copying, work, data=data).passed
    assert calls.read_text() == "first.txt "


@pytest.mark.parametrize(("fresh", "commands"), [(False, 3), (True, 2)])
def test_a_command_that_outlived_its_runner_is_waited_for(
    data: Path, specs: Path, tmp_path: Path, fresh: bool, commands: int
) -> None:
    (data / "tiny" / "tool.py").write_text(SLOW)
    spec = write_spec(specs, copying_spec(data))
    calls = tmp_path / "work" / "copying" / "calls"
    command = [sys.executable, "-m", "tasb_pyserini", "regress", "run", "copying"]
    first = subprocess.Popen(
        [*command, "--specs", "specs", "--work", "work"],
        cwd=tmp_path,
        env={**os.environ, "TASB_DATA": str(data)},
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not calls.exists() and time.monotonic() < until:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()

    def say(line: str) -> None:
        if line == "stage first: still being made by an earlier call; waiting":
            (tmp_path / "go").touch()

    result = run_spec(spec, tmp_path / "work", data=data, fresh=fresh, say=say)
    assert result.passed
    assert (tmp_path / "go").exists()
    assert calls.read_text() == commands * "begin end "
