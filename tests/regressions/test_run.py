"""The runner goes on where it stopped, and every changed byte is noticed."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tasb_pyserini.regressions.catalog import load_specs
from tasb_pyserini.regressions.dry_run import script
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.rows import report_rows
from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import all_standing, standing
from tests.formats.disks import small_disk
from tests.regressions.tiny import copying_spec, flip, write_spec


def verdicts_of(result: Result) -> list[tuple[str, float | None, str]]:
    return [(v.metric, v.found, v.verdict) for v in result.verdicts]


def test_a_spec_runs_to_verdicts_and_says_how(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    result = run_spec(copying, tmp_path / "work", data=data)
    passed = [("RR@10", 0.625, "PASS"), ("R(rel=2)@100", 0.25, "PASS")]
    assert verdicts_of(result) == passed
    assert result.passed
    folder = tmp_path / "work" / "copying"
    written = json.loads((folder / "result.json").read_text())
    assert written["sha256"] == copying.sha256
    assert set(written["inputs"]) == {"given.txt", "qrels.txt", "tool.py"}
    assert [stage["name"] for stage in written["stages"]] == ["first", "second"]
    assert {"python", "pyserini", "pytrec_eval-terrier"} <= set(written["versions"])
    assert written["hardware"]["cores"] >= 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\+00:00", written["date"])
    assert Result.read(folder) == result
    assert standing(copying, folder) == (result.verdicts, result)


def test_finished_stages_are_not_run_again(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    calls = work / "copying" / "calls"
    run_spec(copying, work, data=data)
    assert calls.read_text() == "first.txt run.txt "
    run_spec(copying, work, data=data)
    assert calls.read_text() == "first.txt run.txt "
    # As if killed in the second stage: half a run, and no record of it.
    (work / "copying" / "run.txt").write_text("1 Q0")
    (work / "copying" / ".stages" / "second.json").unlink()
    assert run_spec(copying, work, data=data).passed
    assert calls.read_text() == "first.txt run.txt run.txt "
    assert run_spec(copying, work, data=data, fresh=True).passed
    assert calls.read_text() == "first.txt run.txt "


def test_a_changed_command_runs_again_with_all_that_reads_its_outcome(
    copying: Spec, data: Path, specs: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    run_spec(copying, work, data=data)
    # The faster command copies other bytes, so the second stage is run again as well.
    result = run_spec(copying, work, data=data, fast=True)
    calls = (work / "copying" / "calls").read_text()
    assert calls == 2 * "first.txt run.txt "
    assert not result.passed


@pytest.mark.parametrize("left", ["first.txt.scoring", "first.txt.work"])
def test_what_a_killed_command_kept_beside_its_outcome_goes(
    copying: Spec, data: Path, tmp_path: Path, left: str
) -> None:
    begun = tmp_path / "work" / "copying" / left
    begun.mkdir(parents=True)
    (begun / "manifest.json").write_text("{}")
    assert run_spec(copying, tmp_path / "work", data=data).passed
    assert not begun.exists()


@pytest.mark.parametrize(
    ("score", "verdict", "why"),
    [
        ("0.6250", "PASS", ""),
        ("0.6251", "FAIL", "differs by -0.0001, allowed 0"),
        ("0.7250", "FAIL", "differs by -0.1000, allowed 0"),
        ("unmeasured", "UNMEASURED", "no expected score yet"),
    ],
)
def test_a_byte_of_an_expected_score_decides(
    data: Path, specs: Path, tmp_path: Path, score: str, verdict: str, why: str
) -> None:
    spec = write_spec(specs, copying_spec(data).replace("0.6250", score))
    first, second = run_spec(spec, tmp_path / "work", data=data).verdicts
    assert (first.verdict, first.why, second.verdict) == (verdict, why, "PASS")


def test_a_tolerance_lets_pass_what_differs_no_more(
    data: Path, specs: Path, tmp_path: Path
) -> None:
    text = copying_spec(data).replace("0.6250", "0.6200")
    for tolerance, verdict in (("0.005", "PASS"), ("0.0049", "FAIL")):
        changed = text.replace("tolerance: 0\n", f"tolerance: {tolerance}\n")
        spec = write_spec(specs, changed)
        result = run_spec(spec, tmp_path / "work", data=data)
        assert result.verdicts[0].verdict == verdict
        assert result.verdicts[0].difference == 0.005


@pytest.mark.parametrize("file", ["run.txt", "first.txt", "qrels.txt", "given.txt"])
def test_a_changed_byte_of_a_file_fails_the_result_and_the_next_run(
    copying: Spec, data: Path, tmp_path: Path, file: str
) -> None:
    work = tmp_path / "work"
    folder = work / "copying"
    assert run_spec(copying, work, data=data).passed
    flip(folder / file)
    verdicts, _ = standing(copying, folder)
    assert {verdict.verdict for verdict in verdicts} == {"FAIL"}
    again = run_spec(copying, work, data=data)
    assert {verdict.verdict for verdict in again.verdicts} == {"FAIL"}
    assert file in again.verdicts[0].why
    assert run_spec(copying, work, data=data, fresh=True).passed


def test_a_changed_spec_or_result_no_longer_stands(
    copying: Spec, data: Path, specs: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    folder = work / "copying"
    run_spec(copying, work, data=data)
    result = (folder / "result.json").read_text()
    (folder / "result.json").write_text(result.replace("0.625", "0.626"))
    verdicts, _ = standing(copying, folder)
    assert {verdict.verdict for verdict in verdicts} == {"FAIL"}
    assert "says otherwise than the runs" in verdicts[0].why
    (folder / "result.json").write_text(result)
    changed = write_spec(specs, copying_spec(data).replace("0.6250", "0.62500"))
    verdicts, _ = standing(changed, folder)
    assert {verdict.verdict for verdict in verdicts} == {"NOT RUN"}
    assert "copying.yaml has changed since it was run" in verdicts[0].why


def test_an_input_with_another_checksum_fails(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    flip(data / "tiny" / "qrels.txt")
    result = run_spec(copying, tmp_path / "work", data=data)
    assert {verdict.verdict for verdict in result.verdicts} == {"FAIL"}
    expected = f"expected {copying.inputs[1].sha256}, as copying.yaml says"
    assert expected in result.verdicts[0].why


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("tiny/given.txt", "none/given.txt", "of collections; docs/data.md says"),
        ("tool.py given.txt", "tool.py none.txt", "first ended with status 1, saying"),
        ("given.txt first.txt\n    fast", "given.txt x\n    fast", "without writing"),
    ],
)
def test_what_cannot_be_run_is_not_run_with_the_reason(
    data: Path, specs: Path, tmp_path: Path, old: str, new: str, why: str
) -> None:
    spec = write_spec(specs, copying_spec(data).replace(old, new))
    result = run_spec(spec, tmp_path / "work", data=data)
    assert {verdict.verdict for verdict in result.verdicts} == {"NOT RUN"}
    assert why in result.verdicts[0].why
    assert not result.passed


def test_a_full_disk_proves_nothing(data: Path, specs: Path, tmp_path: Path) -> None:
    with (data / "tiny" / "tool.py").open("a") as tool:
        tool.write(f"# {'x' * 100_000}\n")
    spec = write_spec(specs, copying_spec(data))
    with small_disk(tmp_path / "work", "64k") as work:
        result = run_spec(spec, work, data=data)
        assert {verdict.verdict for verdict in result.verdicts} == {"NOT RUN"}
        assert "tool.py: not written: No space left on device" in result.verdicts[0].why
        subprocess.run(["mount", "-o", "remount,size=1m", str(work)], check=True)
        assert run_spec(spec, work, data=data).passed


def test_paper_only_is_never_passed(tmp_path: Path) -> None:
    spec = load_specs()["tas-balanced.table3"]
    result = run_spec(spec, tmp_path / "work", data=tmp_path)
    assert {verdict.verdict for verdict in result.verdicts} == {"PAPER ONLY"}
    assert not result.passed
    assert not result.stages
    rows = report_rows([spec], all_standing([spec], tmp_path / "work"))
    assert {(row.verdict, row.found) for row in rows} == {("PAPER ONLY", None)}


def test_the_script_is_what_a_person_types(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    lines = list(script(copying, Path("work"), data))
    assert lines[0] == "# copying: Copies"
    assert lines[1:3] == ["mkdir -p work/copying", "cd work/copying"]
    assert lines[3] == f"cp {data}/tiny/given.txt given.txt"
    digest = copying.inputs[0].sha256
    assert lines[4] == f"echo '{digest}  given.txt' | sha256sum --check"
    assert lines[-4:] == [
        "python tool.py given.txt first.txt",
        "python tool.py first.txt run.txt",
        "python -m pyserini.eval.trec_eval -c -M 10 -m recip_rank qrels.txt run.txt"
        "  # RR@10: 0.6250",
        "python -m pyserini.eval.trec_eval -c -l 2 -m recall.100 qrels.txt run.txt"
        "  # R(rel=2)@100: 0.2500",
    ]


@pytest.mark.pyserini
def test_stock_pyserini_indexes_and_searches(bm25: tuple[Spec, Path, Path]) -> None:
    spec, _, work = bm25
    verdicts, result = standing(spec, work / spec.name)
    # By hand: see QRELS; BM25 puts the shorter d4 before d1, and finds nothing for 4.
    assert [(v.metric, v.found, v.verdict) for v in verdicts] == [
        ("RR@10", 0.625, "PASS"),
        ("R(rel=2)@100", 0.25, "PASS"),
    ]
    assert result is not None
    assert [record.peak_memory_mb > 50 for record in result.stages] == [True, True]


@pytest.mark.pyserini
def test_a_changed_byte_of_a_lucene_index_fails(
    bm25: tuple[Spec, Path, Path], tmp_path: Path
) -> None:
    spec, data, work = bm25
    copied = tmp_path / "work"
    shutil.copytree(work, copied)
    assert standing(spec, copied / spec.name)[0][0].verdict == "PASS"
    index = copied / spec.name / "lucene"
    flip(max(index.iterdir(), key=lambda file: file.stat().st_size))
    verdicts, _ = standing(spec, copied / spec.name)
    assert {verdict.verdict for verdict in verdicts} == {"FAIL"}
    result = run_spec(spec, copied, data=data)
    assert "lucene: changed since stage index wrote it" in result.verdicts[0].why
    assert not result.passed
