"""A study runs, goes on where it was killed, and can be asked for one cell."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.score_shards import work_folder
from tasb_pyserini.formats.work import open_work
from tasb_pyserini.regressions.data import NotRun
from tasb_pyserini.study.execute import discard, run_stage
from tasb_pyserini.study.plan import make_plan
from tasb_pyserini.study.record import Record
from tasb_pyserini.study.run import run_study
from tasb_pyserini.study.spec import Study
from tasb_pyserini.study.stage import Stage
from tests.study.quick import STUDY, write_data, write_study


def run(
    study: Study, folder: Path, *only: str, seeds: tuple[int, ...] = ()
) -> tuple[dict[str, str], list[str]]:
    """Run the study; return what failed and what was said."""
    profile = study.profiles["small"]
    said: list[str] = []
    failed = run_study(
        study,
        profile,
        make_plan(study, profile, only, seeds),
        work=folder / "work",
        results=folder / "results",
        data=folder / "data",
        anew=bool(only),
        say=said.append,
    )
    return failed, said


def commands(said: list[str]) -> list[str]:
    return [line.split(":")[0] for line in said if ": tasb " in line]


def test_cells_are_measured_and_nothing_is_done_twice(tmp_path: Path) -> None:
    write_data(tmp_path / "data")
    study = write_study(tmp_path / "studies")
    failed, said = run(study, tmp_path, "table/good", seeds=(1,))
    assert failed == {}
    own = "cells/table/good/1"
    assert commands(said) == ["shared.txt", f"{own}/first.txt", f"{own}/run.tiny.txt"]
    record = Record.read(tmp_path / "results/small/table/good/1.json")
    assert record is not None
    assert record.tests["test"].means == {"nDCG@10": 1.0, "RR@10": 1.0}
    assert record.tests["test"].per_query["RR@10"] == [1.0, 1.0]
    assert (record.seed, record.training_queries) == (1, 3)
    assert set(record.stages) == {"shared.txt", *commands(said)[1:]}
    assert all(seconds > 0 for seconds in record.stages.values())
    assert {"data/tiny/poor.txt", "data/tiny/good.txt"} <= set(record.inputs)
    assert not (tmp_path / "work" / own / "first.txt").exists()  # temporary

    # The other cell shares a stage; the first is left alone without --only.
    failed, said = run(study, tmp_path, seeds=(1,))
    assert (failed, len(commands(said))) == ({}, 2)
    poor = Record.read(tmp_path / "results/small/table/poor/1.json")
    assert poor is not None
    assert poor.tests["test"].means["RR@10"] == 0.5
    assert run(study, tmp_path, seeds=(1,))[1][-1].startswith("all cells have")

    # Asked for by name it is measured anew, and what was there is told.
    failed, said = run(study, tmp_path, "table/again", seeds=(1,))
    assert failed == {}
    assert any("RR@10 1.0000 (was 1.0000)" in line for line in said)


def test_a_failed_stage_fails_its_cell_alone(tmp_path: Path) -> None:
    write_data(tmp_path / "data")
    broken = STUDY.replace("source: data/tiny/poor.txt", "source: data/tiny/none.txt")
    study = write_study(tmp_path / "studies", broken)
    (tmp_path / "data/tiny/none.txt").write_text("not a run\n")
    failed, _ = run(study, tmp_path, seeds=(1,))
    assert set(failed) == {
        *("cells/table/poor/1/first.txt", "cells/table/poor/1/run.tiny.txt"),
        "table/poor seed 1",
    }
    assert "ended with status 1, saying: tasb fuse:" in failed["table/poor seed 1"]
    assert (tmp_path / "results/small/table/good/1.json").is_file()


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    write_data(tmp_path / "data")
    write_study(tmp_path / "studies")
    command = [sys.executable, "-m", "tasb_pyserini", "study", "run", "quick"]
    command += ["--studies", "studies", "--results", "results", "--work", "work"]
    environment = {**os.environ, "TASB_DATA": str(tmp_path / "data")}
    first = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
    )
    record = tmp_path / "results/small/table/poor/1.json"
    stages = tmp_path / "work/quick/small/.stages"
    until = time.monotonic() + 60
    while not record.exists() and time.monotonic() < until:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = record.read_bytes()
    shared = (stages / "shared.txt.json").stat().st_mtime_ns
    assert not (tmp_path / "results/small/table/good/2.json").exists()

    again = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (again.returncode, "4 of 4 records" in again.stdout) == (0, True)
    assert record.read_bytes() == before
    assert (stages / "shared.txt.json").stat().st_mtime_ns == shared
    assert "· shared.txt: tasb" not in again.stderr


def test_a_command_that_outlived_its_runner_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / ".stages").mkdir()
    (tmp_path / "given").write_text("1 Q0 d 1 2.0 x\n")
    words = ("tasb", "fuse", "--runs", "given", "given", "--output", "made")
    stage = Stage(writes="made", words=words, resumes=False, temporary=False)
    said: list[str] = []
    with (tmp_path / ".stages/made.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        Timer(0.3, lambda: fcntl.flock(lock, fcntl.LOCK_UN)).start()
        run_stage(stage, ["given"], tmp_path, said.append)
    assert said[0] == "made: still being made by an earlier call; waiting"
    assert (tmp_path / "made").is_file()


@pytest.mark.parametrize("resumes", [True, False])
def test_what_a_killed_command_left_stays_only_where_it_resumes(
    tmp_path: Path, resumes: bool
) -> None:
    words = ("tasb", "fuse", "--runs", "none", "none", "--output", "made/run")
    stage = Stage(writes="made", words=words, resumes=resumes, temporary=False)
    (tmp_path / "made").mkdir()
    left = tmp_path / "made/checkpoint"
    left.write_text("half")
    with pytest.raises(NotRun, match="ended with status 1"):
        run_stage(stage, [], tmp_path, lambda line: None)
    assert not left.exists()  # of another command, for all we know
    left.parent.mkdir(exist_ok=True)
    left.write_text("half")
    with pytest.raises(NotRun):
        run_stage(stage, [], tmp_path, lambda line: None)
    assert left.exists() == resumes


def test_an_outcome_half_replaced_on_other_inputs_is_made_again(
    tmp_path: Path,
) -> None:
    made, given = tmp_path / "made", tmp_path / "given"
    words = ("tasb", "fuse", "--runs", "given", "given", "--output", "made")
    stage = Stage(writes="made", words=words, resumes=True, temporary=False)
    old, damaged = "1 Q0 d 1 2.0 x\n", "1 Q0 d\n"
    given.write_text(old)
    run_stage(stage, ["given"], tmp_path, lambda line: None)
    whole = made.read_bytes()
    given.write_text(damaged)
    with pytest.raises(NotRun, match="ended with status 1"):
        run_stage(stage, ["given"], tmp_path, lambda line: None)
    made.write_text("half")  # as a command that was killed leaves it
    given.write_text(old)
    run_stage(stage, ["given"], tmp_path, lambda line: None)
    assert made.read_bytes() == whole


@pytest.mark.parametrize("resumes", [True, False])
def test_an_outcome_that_is_no_longer_whole_is_made_again(
    tmp_path: Path, resumes: bool
) -> None:
    (tmp_path / "given").write_text("1 Q0 d 1 2.0 x\n")
    words = ("tasb", "fuse", "--runs", "given", "given", "--output", "made/run")
    stage = Stage(writes="made", words=words, resumes=resumes, temporary=True)
    said: list[str] = []
    run_stage(stage, ["given"], tmp_path, said.append)
    made = tmp_path / "made/run"
    whole = made.read_bytes()
    run_stage(stage, ["given"], tmp_path, said.append)
    assert len(said) == 1
    made.unlink()  # as by a killed rmtree, which removes the folder last
    run_stage(stage, ["given"], tmp_path, said.append)
    assert made.read_bytes() == whole
    made.write_text("1 Q0 other 1 2.0 x\n")
    left = tmp_path / "made/left"
    left.touch()
    run_stage(stage, ["given"], tmp_path, said.append)
    assert (made.read_bytes(), left.exists()) == (whole, False)
    assert said[-2] == "made: changed since it was made; making it again"


def test_what_is_removed_is_forgotten_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "given").write_text("1 Q0 d 1 2.0 x\n")
    words = ("tasb", "fuse", "--runs", "given", "given", "--output", "made/run")
    stage = Stage(writes="made", words=words, resumes=True, temporary=True)
    run_stage(stage, ["given"], tmp_path, lambda line: None)

    def killed(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        discard(stage, tmp_path)
    left = {path.name for path in (tmp_path / ".stages").iterdir()}
    assert (left, (tmp_path / "made/run").exists()) == ({"made.lock"}, True)
    monkeypatch.undo()
    discard(stage, tmp_path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("of", ["tasb score", "tasb rerank"])
def test_work_beside_the_outcome_goes_once_its_inputs_change(
    tmp_path: Path, of: str
) -> None:
    made, given = tmp_path / "made", tmp_path / "given"
    work = work_folder(made) if of == "tasb score" else tmp_path / "made.work"
    words = ("tasb", "fuse", "--runs", "given", "none", "--output", "made")
    stage = Stage(writes="made", words=words, resumes=True, temporary=False)

    def killed() -> None:
        with pytest.raises(NotRun, match="ended with status 1"):
            run_stage(stage, ["given"], tmp_path, lambda line: None)

    given.write_text("1 Q0 d 1 2.0 x\n")
    killed()
    with open_work(work, {"inputs": "old"}):
        pass
    killed()
    assert work.is_dir()  # gone on with
    given.write_text("1 Q0 d 1 3.0 x\n")
    killed()
    with open_work(work, {"inputs": "new"}):  # refused where the old are there
        pass


def test_a_cell_whose_record_is_damaged_is_measured_again(tmp_path: Path) -> None:
    write_data(tmp_path / "data")
    study = write_study(tmp_path)
    run(study, tmp_path)
    path = tmp_path / "results/small/table/poor/1.json"
    before = json.loads(path.read_bytes())["tests"]
    for damaged in (b"", b"\xff", b'{"tests": 3}'):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"poor/1\.json:.*; run it again"):
            Record.read(path)
        assert run(study, tmp_path)[0] == {}
        assert json.loads(path.read_bytes())["tests"] == before


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "1.json"
    path.write_text(json.dumps({"tests": 3}))
    with pytest.raises(
        InputError, match=r"1.json: no study; expected what 'tasb study"
    ):
        Record.read(path)
