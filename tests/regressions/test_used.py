"""A spec stands only where those that it uses do."""

import hashlib
from pathlib import Path

import pytest

from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import standing
from tests.regressions.tiny import AFTER, copying_spec, flip, write_spec

Both = tuple[Spec, Spec, Path]


@pytest.fixture
def both(copying: Spec, data: Path, specs: Path, tmp_path: Path) -> Both:
    """Return a spec, one that uses it, and the folder in which both were run."""
    after = write_spec(specs, AFTER, "after")
    work = tmp_path / "work"
    for spec in (copying, after):
        assert run_spec(spec, work, data=data).passed
    return copying, after, work


def verdicts(spec: Spec, work: Path) -> list[tuple[str, str]]:
    found, _ = standing(spec, work / spec.name)
    return [(verdict.verdict, verdict.why) for verdict in found]


def test_a_run_of_another_spec_is_measured_and_recorded(both: Both) -> None:
    _, after, work = both
    (verdict,), result = standing(after, work / "after")
    assert (verdict.metric, verdict.found, verdict.verdict) == ("P@1", 0.5, "PASS")
    assert result is not None
    taken = ("run.txt", "qrels.txt")
    digests = {
        f"../copying/{file}": hashlib.sha256(
            (work / "copying" / file).read_bytes()
        ).hexdigest()
        for file in taken
    }
    assert result.inputs == digests


@pytest.mark.parametrize("file", ["qrels.txt", "run.txt", "first.txt", "given.txt"])
def test_a_changed_file_of_a_used_spec_fails(both: Both, data: Path, file: str) -> None:
    copying, after, work = both
    path = work / "copying" / file
    path.write_text(path.read_text() + "\n")  # no score changes
    ((verdict, why),) = verdicts(after, work)
    assert (verdict, f"copying/{file}" in why) == ("FAIL", True)
    run_spec(copying, work, data=data)  # refuses, and leaves no score
    result = run_spec(after, work, data=data)
    assert [each.verdict for each in result.verdicts] == ["NOT RUN"]
    assert "copying was not run to its scores: " in result.verdicts[0].why
    assert verdicts(after, work)[0][0] == "NOT RUN"


def test_a_used_spec_that_was_run_anew_to_another_outcome_fails(
    both: Both, data: Path, specs: Path
) -> None:
    _, after, work = both
    text = copying_spec(data).replace("first.txt run.txt", "given.txt run.txt")
    text = text.replace("reads: [first.txt, tool.py]", "reads: [given.txt, tool.py]")
    given = work / "copying" / "given.txt"
    given.write_text(given.read_text().replace(" t\n", " other\n"))
    old = hashlib.sha256((data / "tiny" / "given.txt").read_bytes()).hexdigest()
    new = hashlib.sha256(given.read_bytes()).hexdigest()
    copying = write_spec(specs, text.replace(old, new))
    assert run_spec(copying, work, data=data).passed
    ((verdict, why),) = verdicts(after, work)
    assert (verdict, "copying/run.txt" in why) == ("FAIL", True)
    assert run_spec(after, work, data=data).passed


def test_after_a_changed_used_spec_nothing_stands(
    both: Both, data: Path, specs: Path
) -> None:
    _, after, work = both
    write_spec(specs, copying_spec(data).replace("Copies", "Copies more"))
    why = "copying: copying.yaml has changed since it was run; run it again"
    assert verdicts(after, work) == [("NOT RUN", why)]
    result = run_spec(after, work, data=data)
    assert [(v.verdict, v.why) for v in result.verdicts] == [("NOT RUN", why)]


def test_what_a_used_spec_left_before_it_was_missed_is_not_measured(
    both: Both, tmp_path: Path
) -> None:
    copying, after, work = both
    (work / "copying" / "given.txt").unlink()
    run_spec(copying, work, data=tmp_path / "none")
    assert (work / "copying" / "run.txt").is_file()
    for _ in range(2):
        ((verdict, why),) = verdicts(after, work)
        assert verdict == "NOT RUN"
        assert why.startswith("copying was not run to its scores: no ")
        run_spec(after, work, data=tmp_path / "none")


def test_a_used_spec_of_a_used_spec_counts_as_well(
    both: Both, data: Path, specs: Path
) -> None:
    copying, _, work = both
    stage = (
        "stages:\n  - name: one\n    reads: [../copying/run.txt]\n    writes: run.txt\n"
        "    command: python ../copying/tool.py ../copying/run.txt run.txt\n"
    )
    text = AFTER.replace("run: ../copying/run.txt", "run: run.txt") + stage
    after = write_spec(specs, text, "after")
    text = AFTER.replace("name: after", "name: last").replace("[copying]", "[after]")
    text = text.replace("../copying/run.txt", "../after/run.txt")
    copy = "    reads: [../after/run.txt]\n    writes: q.txt\n"
    last = text.replace("../copying/qrels.txt", "q.txt") + (
        f"stages:\n  - name: one\n{copy}"
        "    command: python ../copying/tool.py ../copying/qrels.txt q.txt\n"
    )
    spec = write_spec(specs, last, "last")
    for each in (copying, after, spec):
        assert run_spec(each, work, data=data).passed
    flip(work / "copying" / "first.txt")
    assert verdicts(spec, work)[0][0] == "FAIL"


READING = (
    "stages:\n  - name: one\n    reads: [../copying/first.txt]\n"
    "    writes: run.txt\n    command: tasb fuse --runs x y --output run.txt\n"
)


@pytest.mark.parametrize("stages", ["", READING])
def test_a_spec_whose_used_spec_was_never_run_is_not_run(
    copying: Spec, data: Path, specs: Path, tmp_path: Path, stages: str
) -> None:
    after = write_spec(specs, AFTER + stages, "after")
    result = run_spec(after, tmp_path / "work", data=data)
    assert [(verdict.verdict, verdict.why) for verdict in result.verdicts] == [
        ("NOT RUN", "copying was not run")
    ]
