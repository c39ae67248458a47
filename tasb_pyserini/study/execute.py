"""One stage of a study: run unless its outcome is there, and recorded."""

import json
from collections.abc import Callable
from pathlib import Path

from tasb_pyserini.formats.checksum import path_sha256
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.regressions.held import held
from tasb_pyserini.regressions.stage_records import (
    RECORDS,
    StageRecord,
    forget,
    lock_of,
    made_before,
    read_stage_record,
)
from tasb_pyserini.regressions.stages import remove, remove_begun, run_recorded
from tasb_pyserini.study.stage import Stage

Say = Callable[[str], None]


def run_stage(stage: Stage, reads: list[str], work: Path, say: Say) -> StageRecord:
    """Run a stage, unless its outcome is there, made by this command from the same.

    An outcome that has been changed since, or is half removed, is made again. A command
    that resumes finds what a killed one left. Where the killed call left its command
    running, that is waited for.

    Parameters
    ----------
    stage
        The stage.
    reads
        Files and folders that its outcome depends on.
    work
        Folder that the command runs in.
    say
        Takes a line about it.

    Raises
    ------
    NotRun
        If the command fails or leaves nothing.
    """
    with held(lock_of(work, stage.name), stage.writes, say) as descriptor:
        before = {path: path_sha256(work / path) for path in reads}
        record = made_before(work, stage.name, stage.words, before, stage.writes)
        if record:
            if path_sha256(work / stage.writes) == record.sha256:
                return record
            say(f"{stage.writes}: changed since it was made; making it again")
        _clear(work, stage, before)
        say(f"{stage.writes}: {' '.join(stage.words)}")
        return run_recorded(
            work, stage.name, stage.words, before, stage.writes, descriptor
        )


def discard(stage: Stage, work: Path) -> None:
    """Remove an outcome that nothing needs any more.

    Its record goes first: what a call that is killed meanwhile leaves is not whole.
    """
    forget(work, stage.name)
    _begun(stage, work).unlink(missing_ok=True)
    remove(work / stage.writes)


def _begun(stage: Stage, work: Path) -> Path:
    """Return the file that says what a command began with."""
    return work / RECORDS / f"{stage.name}.begun"


def _clear(work: Path, stage: Stage, before: dict[str, str]) -> None:
    """Leave of an earlier run only what this command goes on with.

    A command that finished goes on with nothing, whatever has become of its outcome.
    """
    place, begun = work / stage.writes, _begun(stage, work)
    now = json.dumps([stage.words, before], sort_keys=True)
    finished = read_stage_record(work, stage.name) is not None
    forget(work, stage.name)
    same = begun.is_file() and begun.read_bytes() == now.encode()
    if finished or not (stage.resumes and same):
        remove_begun(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(begun) as file:
        file.write(now)
