"""The outcome of a regression, kept as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.replace import replace_file
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
        with replace_file(folder / RESULT_FILE) as file:
            json.dump(asdict(self), file, indent=2, ensure_ascii=False)
            file.write("\n")

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
        try:
            values: dict[str, Any] = json.loads(path.read_bytes())
            stages = [StageRecord(**each) for each in values.pop("stages")]
            verdicts = [Verdict(**each) for each in values.pop("verdicts")]
            return cls(**values, stages=stages, verdicts=verdicts)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            expected = "what 'tasb regress run' wrote"
            raise InputError(path, None, "damaged", expected, "run it again") from error
