"""A result stands only as far as what it rests on."""

from pathlib import Path

from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import standing
from tests.regressions.tiny import flip


def test_a_score_that_was_never_found_never_passes(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "work" / "copying"
    run_spec(copying, tmp_path / "work", data=tmp_path / "none")
    result = (folder / "result.json").read_text()
    assert result.count('"NOT RUN"') == 2
    for changes in (1, 2):
        changed = result.replace('"NOT RUN"', '"PASS"', changes)
        (folder / "result.json").write_text(changed)
        verdicts, read = standing(copying, folder)
        assert [verdict.verdict for verdict in verdicts] == ["NOT RUN", "NOT RUN"]
        assert read is not None
        assert not read.passed


def test_a_failure_without_a_score_stands_with_its_reason(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    flip(data / "tiny" / "qrels.txt")
    result = run_spec(copying, tmp_path / "work", data=data)
    verdicts, _ = standing(copying, tmp_path / "work" / "copying")
    assert verdicts == result.verdicts
    assert {verdict.verdict for verdict in verdicts} == {"FAIL"}
