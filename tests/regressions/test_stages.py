"""A stage that did not end leaves nothing that counts."""

from pathlib import Path

from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec


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
