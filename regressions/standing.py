"""How specs stand now: their results, with all that these rest on looked at again."""

from collections.abc import Iterable
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.regressions.data import NotRun
from tasb_pyserini.regressions.result import RESULT_FILE, Result
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.used import changed, check_files, check_used
from tasb_pyserini.regressions.verdicts import (
    FAIL,
    NOT_RUN,
    Verdict,
    all_alike,
    judge_spec,
    why_of,
)

Standing = tuple[list[Verdict], Result | None]
"""Verdicts on a spec, and the result they rest on; None where nothing was run."""


def all_standing(specs: Iterable[Spec], work: Path) -> dict[str, Standing]:
    """Return `standing` of each spec by name, from the results in a work folder."""
    return {spec.name: standing(spec, work / spec.name) for spec in specs}


def standing(spec: Spec, folder: Path) -> Standing:
    """Return the verdicts on a spec as they stand now, and the result they rest on.

    All that the result rests on is looked at again: the checksums of spec, inputs, runs
    and indexes, those of the specs that it uses, and the scores of the runs.
    """
    result = Result.read(folder)
    if result is None:
        return all_alike(spec, NOT_RUN, "not run here"), None
    if result.sha256 != spec.sha256:
        return all_alike(spec, NOT_RUN, changed(spec)), None
    if not result.found:
        return _without_score(spec, result), result
    folders = {folder.parent: ""}
    try:
        check_used(spec, folder)
        check_files(result, folder)
        found = judge_spec(spec, folder)
    except NotRun as error:
        return all_alike(spec, NOT_RUN, why_of(error, folders)), result
    except (TasbError, OSError) as error:
        return all_alike(spec, FAIL, why_of(error, folders)), result
    if found != result.verdicts:
        why = f"{spec.name}/{RESULT_FILE} says otherwise than the runs; run it again"
        return all_alike(spec, FAIL, why), result
    return found, result


def _without_score(spec: Spec, result: Result) -> list[Verdict]:
    """Return why there is no score; nothing else that the result says can be so."""
    for verdict in result.verdicts:
        if verdict.verdict in (FAIL, NOT_RUN):
            return all_alike(spec, verdict.verdict, verdict.why)
    return all_alike(spec, NOT_RUN, "has no score; run it again")
