"""A command run with its output in a file."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.regressions.commands import arguments_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended.

    Parameters
    ----------
    status
        Of its process; negative for a signal.
    last_line
        The last that it printed and is not blank; else ``nothing``.
    peak_memory_mb
        Largest resident set, MiB.
    """

    status: int
    last_line: str
    peak_memory_mb: int


def run_logged(
    words: Sequence[str], folder: Path, log: Path, *, pass_fds: Sequence[int] = ()
) -> Ended:
    """Run a command in a folder, to its end; it is stopped where we are.

    Parameters
    ----------
    words
        Of the command, as a person types them.
    folder
        To run it in.
    log
        File that takes what it prints; its folder is made.
    pass_fds
        Descriptors that it inherits.
    """
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as said:
        process = subprocess.Popen(
            arguments_of(words),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            pass_fds=pass_fds,
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return Ended(
        status=process.returncode,
        last_line=next((s for line in lines[::-1] if (s := line.strip())), "nothing"),
        peak_memory_mb=usage.ru_maxrss // 1024,
    )
