"""What is recorded of finished stages."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tasb_pyserini.formats.checksum import path_sha256
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import write_object
from tasb_pyserini.formats.json_record import read_dataclass_or_none
from tasb_pyserini.regressions.held import held

RECORDS = ".stages"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """A finished stage.

    Parameters
    ----------
    name
        Of the stage.
    command
        Its words.
    reads
        File or folder → its SHA-256 before.
    writes, sha256
        What it made.
    seconds
        Wall-clock time.
    peak_memory_mb
        Largest resident set of the command, MiB.
    """

    name: str
    command: list[str]
    reads: dict[str, str]
    writes: str
    sha256: str
    seconds: float
    peak_memory_mb: int


def made_before(
    folder: Path, name: str, words: Sequence[str], reads: dict[str, str], writes: str
) -> StageRecord | None:
    """Return the record of a stage whose outcome is there, made by this from the same.

    The outcome may have been changed since.

    Parameters
    ----------
    folder
        That holds the outcome and the records.
    name, words, reads, writes
        As of `StageRecord`.
    """
    record = read_stage_record(folder, name)
    if record is None or not (folder / writes).exists():
        return None
    same = record.command == list(words) and record.reads == reads
    return record if same else None


def check_outcome(folder: Path, record: StageRecord) -> None:
    """Raise an error where the outcome of a stage is no longer what it made.

    Raises
    ------
    TasbError
        With both checksums.
    """
    place = folder / record.writes
    now = path_sha256(place) if place.exists() else "gone"
    if now != record.sha256:
        raise TasbError(
            f"{place}: changed since stage {record.name} wrote it (sha256 "
            f"{record.sha256:.12}, now {now:.12}); run with --fresh"
        )


def read_stage_record(folder: Path, name: str) -> StageRecord | None:
    """Return the record of a finished stage; None where there is no whole one."""
    return read_dataclass_or_none(StageRecord, folder / RECORDS / f"{name}.json")


def write_stage_record(folder: Path, record: StageRecord) -> None:
    """Write the record of a stage that has just finished."""
    write_object(folder / RECORDS / f"{record.name}.json", asdict(record))


def lock_of(folder: Path, name: str) -> Path:
    """Return the file that is locked while a stage is run."""
    return folder / RECORDS / f"{name}.lock"


def wait_for_all(folder: Path, say: Callable[[str], None]) -> None:
    """Wait for the commands that killed calls left running, of any stage."""
    for lock in sorted((folder / RECORDS).glob("*.lock")):
        with held(lock, f"stage {lock.stem}", say):
            pass


def forget(folder: Path, name: str) -> None:
    """Remove the record of a stage, whose outcome is about to be no longer whole."""
    (folder / RECORDS / f"{name}.json").unlink(missing_ok=True)
