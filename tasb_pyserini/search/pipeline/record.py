"""What a stage's run was made from, and how long it took, beside the run."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tasb_pyserini.formats.json_file import write_object
from tasb_pyserini.formats.json_record import read_dataclass_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A finished stage.

    Parameters
    ----------
    inputs
        All that its run depends on.
    run
        ``sha256:…`` of the run.
    queries
        Topics that were searched.
    seconds
        Wall-clock time for them all; None where an earlier, killed call did the work.
    """

    inputs: dict[str, Any]
    run: str
    queries: int
    seconds: float | None

    @property
    def ms_per_query(self) -> float | None:
        """Milliseconds a query."""
        return None if self.seconds is None else 1000 * self.seconds / self.queries


def read_record(path: Path) -> Record | None:
    """Return the record in a file; None where there is no whole one."""
    return read_dataclass_or_none(Record, path)


def write_record(path: Path, record: Record) -> None:
    """Write a record, the last act of its stage."""
    write_object(path, asdict(record))
