"""One stage after another, each finished one recorded."""

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tasb_pyserini.formats.checksum import path_sha256
from tasb_pyserini.formats.score_shards import work_folder
from tasb_pyserini.regressions.data import NotRun
from tasb_pyserini.regressions.held import held
from tasb_pyserini.regressions.logged import run_logged
from tasb_pyserini.regressions.spec import Stage
from tasb_pyserini.regressions.stage_records import (
    StageRecord,
    check_outcome,
    forget,
    lock_of,
    made_before,
    write_stage_record,
)


def run_stage(
    stage: Stage, folder: Path, *, fast: bool, say: Callable[[str], None]
) -> StageRecord:
    """Run a stage, unless its outcome is there, made by this command from the same.

    What the command prints goes to ``logs/NAME.txt``. Where a killed call left its
    command running, that is waited for.

    Parameters
    ----------
    stage
        The stage.
    folder
        Of its spec; the command runs in it.
    fast
        Whether our own command runs where there is one.
    say
        Takes a line about it.

    Raises
    ------
    NotRun
        If the command fails or leaves nothing.
    TasbError
        If the outcome has been changed since the stage made it.
    """
    with held(lock_of(folder, stage.name), f"stage {stage.name}", say) as descriptor:
        words = stage.words(fast=fast)
        reads = {path: path_sha256(folder / path) for path in stage.reads}
        record = made_before(folder, stage.name, words, reads, stage.writes)
        if record:
            check_outcome(folder, record)
            say(f"{stage.name}: done before")
            return record
        forget(folder, stage.name)
        remove_begun(folder / stage.writes)
        (folder / stage.writes).parent.mkdir(parents=True, exist_ok=True)
        say(f"{stage.name}: {' '.join(words)}")
        return run_recorded(folder, stage.name, words, reads, stage.writes, descriptor)


def run_recorded(
    folder: Path,
    name: str,
    words: Sequence[str],
    reads: dict[str, str],
    writes: str,
    descriptor: int,
) -> StageRecord:
    """Run a stage's command, and record what it made and what it took.

    Parameters
    ----------
    folder
        That the command runs in, and that holds the records.
    name, words, reads, writes
        As of `StageRecord`.
    descriptor
        Of the lock, which the command inherits.

    Raises
    ------
    NotRun
        If the command fails or leaves nothing.
    """
    log = log_file(folder, name)
    start = time.perf_counter()
    ended = run_logged(words, folder, log, pass_fds=(descriptor,))
    seconds = time.perf_counter() - start
    if ended.status:
        raise NotRun(
            f"stage {name} ended with status {ended.status}, saying: "
            f"{ended.last_line:.160}; see {log}"
        )
    if not (folder / writes).exists():
        raise NotRun(f"stage {name} ended without writing {writes}")
    record = StageRecord(
        name=name,
        command=list(words),
        reads=reads,
        writes=writes,
        sha256=path_sha256(folder / writes),
        seconds=round(seconds, 2),
        peak_memory_mb=ended.peak_memory_mb,
    )
    write_stage_record(folder, record)
    return record


def log_file(folder: Path, name: str) -> Path:
    """Return the file that has what the command of a stage printed."""
    return folder / "logs" / f"{name}.txt"


def remove(place: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def remove_begun(place: Path) -> None:
    """Remove an outcome, and what a killed command keeps beside it to go on with.

    It is that of ``tasb score`` and of ``tasb rerank``; on other inputs both would
    refuse to begin.
    """
    for left in (place, work_folder(place), place.with_name(f"{place.name}.work")):
        remove(left)
