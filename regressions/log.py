"""The reproduction log at the end of a page, in Anserini's words."""

from contextlib import AbstractContextManager
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.lines import numbered_lines
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.regressions.held import held
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import standing
from tasb_pyserini.regressions.verdicts import FAIL, PAPER_ONLY, PASS

LOG = "## Reproduction Log"
LOCK = ".lock"
"""Held in the folder of the pages by those that write them."""
SAID = ("pyserini", "java", "torch", "transformers")
"""Versions that are logged; the page has the others."""


def log_of(text: str) -> str:
    r"""Return what stands below the heading of the log in the text of a page.

    Examples
    --------
    >>> log_of("# BM25\n\n## Reproduction Log\n\n+ one\n  a remark\n")
    '+ one\n  a remark'
    """
    _, _, below = f"\n{text}".partition(f"\n{LOG}\n")
    return below.strip("\n")


def read_page(path: Path) -> str:
    """Return the text of a page, without its last line end.

    Raises
    ------
    InputError
        If it is not UTF-8.
    """
    return "\n".join(line for _, line in numbered_lines(path))


def held_pages(folder: Path) -> AbstractContextManager[int]:
    """Hold the lock of a folder of pages, from reading a log to having written it."""
    return held(folder / LOCK, "pages", lambda line: None)


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
    fast = " with --fast" if result.fast else ""
    more = ", ".join([f"{passed} scores PASS{fast}", *versions])
    handle = name if " " in name else f"@{name}"
    day = result.date[:10]
    return f"+ Results reproduced by {handle} on {day}{commit}: {more}"


def passed_line(folder: Path, spec: Spec, work: Path, who: str) -> str:
    """Return the line to log for a spec that was reproduced.

    Raises
    ------
    TasbError
        If it was not run, did not pass, has changed since, or has no page.
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
    return log_line(who, result)


def append_line(path: Path, line: str) -> bool:
    """Append a line to the log of a page; return False where it has it already."""
    with held_pages(path.parent):
        text = read_page(path).rstrip("\n")
        if line in log_of(f"{text}\n").splitlines():
            return False
        if LOG not in text.splitlines():
            text += f"\n\n{LOG}"
        blank = "\n" if text.endswith(LOG) else ""
        with replace_file(path) as file:
            file.write(f"{text}\n{blank}{line}\n")
    return True
