"""The outcome of a regression, kept as JSON, and whether it still holds."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.files import replace_file
from tasb_pyserini.regressions.checksums import sha256_of
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.stages import StageRecord, check_outcome
from tasb_pyserini.regressions.verdicts import (
    FAIL,
    NOT_RUN,
    PAPER_ONLY,
    PASS,
    Verdict,
    all_alike,
    judge_spec,
)

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
        File → SHA-256.
    indexes
        Prebuilt index → MD5 of the archive, which Pyserini verified.
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


Standing = tuple[list[Verdict], Result | None]
"""Verdicts on a spec, and the result they rest on; None where nothing was run."""


def all_standing(specs: Iterable[Spec], work: Path) -> dict[str, Standing]:
    """Return `standing` of each spec by name, from the results in a work folder."""
    return {spec.name: standing(spec, work / spec.name) for spec in specs}


def standing(spec: Spec, folder: Path) -> Standing:
    """Return the verdicts on a spec as they stand now, and the result they rest on.

    All that the result rests on is looked at again: the checksums of spec, inputs, runs
    and indexes, and the scores of the runs.
    """
    result = Result.read(folder)
    if result is None:
        return all_alike(spec, NOT_RUN, "not run here"), None
    if result.sha256 != spec.sha256:
        why = f"{spec.path.name} has changed since it was run; run it again"
        return all_alike(spec, NOT_RUN, why), None
    if not any(verdict.found is not None for verdict in result.verdicts):
        return _without_score(spec, result), result
    try:
        _check_files(spec, result, folder)
        found = judge_spec(spec, folder)
    except (TasbError, OSError) as error:
        return all_alike(spec, FAIL, str(error)), result
    if found != result.verdicts:
        why = f"{folder / RESULT_FILE} says otherwise than the runs; run it again"
        return all_alike(spec, FAIL, why), result
    return found, result


def _without_score(spec: Spec, result: Result) -> list[Verdict]:
    """Return why there is no score; nothing else that the result says can be so."""
    for verdict in result.verdicts:
        if verdict.verdict in (FAIL, NOT_RUN):
            return all_alike(spec, verdict.verdict, verdict.why)
    return all_alike(spec, NOT_RUN, "has no score; run it again")


def _check_files(spec: Spec, result: Result, folder: Path) -> None:
    for file, there in result.inputs.items():
        if (now := sha256_of(folder / file)) != there:
            problem = f"sha256 {now:.12}"
            raise InputError(folder / file, None, problem, f"{there:.12}, as it was")
    for record in result.stages:
        check_outcome(folder, record)
        for path, there in record.reads.items():
            if (now := sha256_of(folder / path)) != there:
                problem = f"sha256 {now:.12}"
                raise InputError(
                    folder / path, None, problem, f"{there:.12}, as {record.name} read"
                )
