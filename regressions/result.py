"""The outcome of a regression, kept as JSON."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from tasb_pyserini.formats.json_file import write_object
from tasb_pyserini.formats.json_record import read_dataclass
from tasb_pyserini.regressions.stage_records import StageRecord
from tasb_pyserini.regressions.verdicts import PAPER_ONLY, PASS, Verdict

RESULT_FILE = "result.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a spec.

    Parameters
    ----------
    spec, sha256
        Its name, and the checksum of its file.
    date
        UTC, as ISO 8601 has it.
    commit
        Of this project; empty where it is not a checkout.
    fast
        Whether our own commands ran where there are some.
    seconds
        Of all stages, each as long as it took when it was run.
    versions, hardware
        See `~tasb_pyserini.regressions.machine`.
    inputs
        File → SHA-256; also of the runs and qrels of used specs.
    indexes
        Prebuilt index → MD5 of the archive that Pyserini's cache holds it from.
    stages
        One a stage that was finished.
    verdicts
        One a score.
    """

    spec: str
    sha256: str
    date: str
    commit: str
    fast: bool
    seconds: float
    versions: dict[str, str]
    hardware: dict[str, str | int]
    inputs: dict[str, str]
    indexes: dict[str, str]
    stages: list[StageRecord]
    verdicts: list[Verdict]

    @property
    def found(self) -> bool:
        """Whether any score was found."""
        return any(verdict.found is not None for verdict in self.verdicts)

    @property
    def passed(self) -> bool:
        """Whether every score that can be found was found as promised, and any was."""
        kinds = {verdict.verdict for verdict in self.verdicts}
        found = all(v.found is not None for v in self.verdicts if v.verdict == PASS)
        return found and PASS in kinds and kinds <= {PASS, PAPER_ONLY}

    def write(self, folder: Path) -> None:
        """Write ``result.json`` into the folder of the spec."""
        write_object(folder / RESULT_FILE, asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read ``result.json``; None where there is none.

        Raises
        ------
        InputError
            If it is damaged.
        """
        path = folder / RESULT_FILE
        if not path.is_file():
            return None
        return read_dataclass(
            cls, path, "what 'tasb regress run' wrote", "run it again"
        )
