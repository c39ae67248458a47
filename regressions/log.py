"""The reproduction log at the end of a page, in Anserini's words."""

from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.files import replace_file
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import standing
from tasb_pyserini.regressions.verdicts import FAIL, PAPER_ONLY, PASS

LOG = "## Reproduction Log"
SAID = ("pyserini", "java", "torch", "transformers")
"""Versions that are logged; the page has the others."""


def log_of(path: Path) -> list[str]:
    """Return the lines of the log of a page, none where there is no page yet."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    if LOG not in lines:
        return []
    return [line for line in lines[lines.index(LOG) + 1 :] if line.startswith("+ ")]


def log_line(who: str, result: Result) -> str:
    """Return the line of the log for a result that passed.

    Raises
    ------
    TasbError
        If nobody is named.
    """
    name = who.strip().removeprefix("@")
    if not name or "\n" in name:
        raise TasbError("nobody to log; set git's user.name or give --who NAME")
    commit = f" (commit {result.commit})" if result.commit else ""
    passed = sum(verdict.verdict == PASS for verdict in result.verdicts)
    known = result.versions.items()
    versions = [f"{name} {version}" for name, version in known if name in SAID]
    more = ", ".join([f"{passed} scores PASS", *versions])
    day = result.date[:10]
    return f"+ Results reproduced by @{name} on {day}{commit}: {more}"


def append_log(folder: Path, spec: Spec, work: Path, who: str) -> str:
    """Append to the log of a page that a spec was reproduced; return the line.

    Raises
    ------
    TasbError
        If it was not run, did not pass, has changed since, is logged already, or has
        no page.
    """
    verdicts, result = standing(spec, work / spec.name)
    wrong = [v for v in verdicts if v.verdict not in (PASS, PAPER_ONLY)]
    if wrong:
        # The gravest first, so that the message names what matters.
        first = next((v for v in wrong if v.verdict == FAIL), wrong[0])
        raise TasbError(
            f"{spec.name}: not logged: {first.target} {first.metric} {first.verdict}: "
            f"{first.why}; expected that all of it ran and passed"
        )
    if result is None or not result.passed:
        raise TasbError(f"{spec.name}: not logged: nothing of it was run")
    path = folder / f"{spec.name}.md"
    if not path.is_file():
        raise TasbError(f"{path}: no such page; run 'tasb regress report' first")
    line = log_line(who, result)
    if line in log_of(path):
        raise TasbError(f"{path}: has this line already: {line}")
    text = path.read_text(encoding="utf-8").rstrip("\n")
    if LOG not in text.splitlines():
        text += f"\n\n{LOG}\n"
    blank = "\n" if text.endswith(LOG) else ""
    with replace_file(path) as file:
        file.write(f"{text}\n{blank}{line}\n")
    return line
