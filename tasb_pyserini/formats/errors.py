"""Errors that a user can mend."""

import errno
from pathlib import Path

LONGEST = 400
"""Letters of a problem that are shown; what stands in a file may be of any length."""


REMEDIES = {
    errno.EACCES: "expected a place that you may read and write",
    errno.EROFS: "expected a place that you may read and write",
    errno.ENOSPC: "make room, then run the same command again",
    errno.ENOENT: "expected a file or folder that is there; check the path",
    errno.EISDIR: "expected a file, not a folder",
    errno.ENOTDIR: "expected folders all along this path",
}
"""Number of an operating system's error → what to do about it."""


class TasbError(ValueError):
    """A mistake that the user can mend.

    The command line prints the message as one line and exits with status 1; with
    ``--debug`` it shows the traceback as well.
    """


class InputError(TasbError):
    """A file does not hold what it should.

    Parameters
    ----------
    path
        The file as the user named it.
    line
        Line number, counted from 1; None where the whole file is meant.
    problem
        What is there, with the offending value.
    expected
        What should be there.
    remedy
        What to do about it; empty where `expected` says it all.

    Examples
    --------
    >>> print(InputError(Path("c.jsonl"), 3, "not JSON", "an object", "mend the line"))
    c.jsonl:3: not JSON; expected an object; mend the line
    """

    def __init__(
        self,
        path: Path,
        line: int | None,
        problem: str,
        expected: str,
        remedy: str = "",
    ) -> None:
        self.path, self.line = path, line
        where = f"{path}:{line}" if line is not None else str(path)
        end = f"; {remedy}" if remedy else ""
        if len(problem) > LONGEST:
            problem = f"{problem[:LONGEST]}…"
        super().__init__(f"{where}: {problem}; expected {expected}{end}")


def columns_error(path: Path, line: int, found: int, expected: str) -> InputError:
    """Return the error for a line with the wrong number of columns.

    Examples
    --------
    >>> print(columns_error(Path("topics.tsv"), 2, 1, "two: qid<TAB>query"))
    topics.tsv:2: 1 column; expected two: qid<TAB>query
    """
    plural = "" if found == 1 else "s"
    return InputError(path, line, f"{found} column{plural}", expected)


def first_line(error: Exception) -> str:
    r"""Return the first line of what a library says, else the error's class.

    Examples
    --------
    >>> first_line(OSError("no room\n  in write()")), first_line(EOFError())
    ('no room', 'EOFError')
    """
    return str(error).strip().partition("\n")[0] or type(error).__name__


def in_one_line(error: TasbError | OSError) -> str:
    """Put an error into one line.

    Examples
    --------
    >>> in_one_line(PermissionError(13, "Permission denied", "/runs/a"))
    '/runs/a: Permission denied; expected a place that you may read and write'
    """
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        what_to_do = f"; {REMEDIES[error.errno]}" if error.errno in REMEDIES else ""
        return f"{where}{error.strerror}{what_to_do}"
    return " ".join(str(error).split())
