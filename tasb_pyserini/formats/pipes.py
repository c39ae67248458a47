"""Pipes, such as ``<(zcat run.gz)`` of a shell: what comes out of one comes once."""

import os
import stat
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError

_opened: set[tuple[Path, int, int]] = set()


def refuse_second_pass(path: Path) -> None:
    """Refuse a pipe that was given here before; files may be given any time.

    A second reading would wait forever, or find the rest or nothing and take that for
    the whole.

    Raises
    ------
    TasbError
        If it is one.
    """
    about = os.stat(path)
    if not stat.S_ISFIFO(about.st_mode):
        return
    pipe = path, about.st_dev, about.st_ino
    if pipe in _opened:
        raise TasbError(
            f"{path}: a pipe, already read, and its lines are needed again; expected "
            "a file; write them to one first"
        )
    _opened.add(pipe)
