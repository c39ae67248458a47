"""What a spec takes from those that it uses, and whether it still stands there."""

from pathlib import Path

from tasb_pyserini.formats.checksum import path_sha256
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.regressions.data import NotRun
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.schema import read_spec
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.stage_records import check_outcome


def check_used(spec: Spec, folder: Path) -> dict[str, str]:
    """Return the checksums of the runs and qrels of other specs that one measures.

    Parameters
    ----------
    spec
        Whose used specs are in the folder of its own file.
    folder
        Of the spec; those of the used specs are beside it.

    Raises
    ------
    NotRun
        If a used spec was not run to its scores, or has changed since.
    TasbError
        If a file that its result rests on has changed.
    """
    for name in spec.uses:
        used = read_spec(spec.path.with_name(f"{name}.yaml"))
        _check_run(used, folder.parent / name)
    measured = [path for each in spec.targets for path in (each.run, each.qrels)]
    taken = dict.fromkeys(path for path in measured if path.startswith("../"))
    return {path: path_sha256(folder / path) for path in taken}


def check_files(result: Result, folder: Path) -> None:
    """Look again at the inputs and outcomes that a result rests on.

    Raises
    ------
    TasbError
        If one has changed.
    """
    for file, there in result.inputs.items():
        _refuse_other(folder / file, there, "as it was")
    for record in result.stages:
        check_outcome(folder, record)
        for path, there in record.reads.items():
            _refuse_other(folder / path, there, f"as {record.name} read")


def changed(spec: Spec) -> str:
    """Return why the result of an earlier version of a spec says nothing."""
    return f"{spec.path.name} has changed since it was run; run it again"


def _check_run(used: Spec, folder: Path) -> None:
    result = Result.read(folder)
    if result is None:
        raise NotRun(f"{used.name} was not run")
    if result.sha256 != used.sha256:
        raise NotRun(f"{used.name}: {changed(used)}")
    if not result.found:
        why = next((v.why for v in result.verdicts if v.why), "it has no score")
        raise NotRun(f"{used.name} was not run to its scores: {why}")
    check_used(used, folder)
    check_files(result, folder)


def _refuse_other(path: Path, there: str, when: str) -> None:
    if (now := path_sha256(path)) != there:
        raise InputError(path, None, f"sha256 {now:.12}", f"{there:.12}, {when}")
