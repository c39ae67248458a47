"""A spec from its inputs to its verdicts."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import WriteError
from tasb_pyserini.formats.work import hold
from tasb_pyserini.regressions.data import VARIABLE, NotRun, place_inputs
from tasb_pyserini.regressions.disk import refuse_small_disk
from tasb_pyserini.regressions.indexes import fetched_indexes
from tasb_pyserini.regressions.machine import commit, hardware, versions
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.stage_records import StageRecord, wait_for_all
from tasb_pyserini.regressions.stages import run_stage
from tasb_pyserini.regressions.used import check_used
from tasb_pyserini.regressions.verdicts import (
    FAIL,
    NOT_RUN,
    Verdict,
    all_alike,
    judge_spec,
    why_of,
)


def run_spec(
    spec: Spec,
    work: Path,
    *,
    data: Path,
    fast: bool = False,
    fresh: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Result:
    """Run a spec, or go on where an interrupted call stopped; write its result.

    Parameters
    ----------
    spec
        One whose used specs were run before.
    work
        Folder of all specs; this one works in the folder of its name.
    data
        Folder of collections.
    fast
        Whether our own commands run where there are some, not Pyserini's.
    fresh
        Whether all that is there is thrown away first.
    say
        Takes a line about each step.

    Returns
    -------
    Result
        Also of a spec that could not be run; its verdicts say why.

    Raises
    ------
    TasbError
        If another process is at work on it.
    """
    folder = work / spec.name
    folders = {work: "", data: f"${VARIABLE}/"}
    with hold(folder):
        if fresh:
            wait_for_all(folder, say)
            _empty(folder)
        inputs: dict[str, str] = {}
        indexes: dict[str, str] = {}
        records: list[StageRecord] = []
        verdicts: list[Verdict]
        try:
            if spec.runnable:
                refuse_small_disk(spec, os.environ)
                inputs |= place_inputs(spec, folder, data)
                inputs |= check_used(spec, folder)
                for stage in spec.stages:
                    records.append(run_stage(stage, folder, fast=fast, say=say))
                indexes |= fetched_indexes(spec, os.environ)
            verdicts = judge_spec(spec, folder)
        except (NotRun, WriteError) as error:
            verdicts = all_alike(spec, NOT_RUN, why_of(error, folders))
        except (TasbError, OSError) as error:
            verdicts = all_alike(spec, FAIL, why_of(error, folders))
        result = Result(
            spec=spec.name,
            sha256=spec.sha256,
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            commit=commit(),
            fast=fast,
            seconds=round(sum(record.seconds for record in records), 2),
            versions=versions(),
            hardware=hardware(),
            inputs=inputs,
            indexes=indexes,
            stages=records,
            verdicts=verdicts,
        )
        result.write(folder)
    return result


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != ".lock":
            path.unlink()
