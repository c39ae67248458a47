"""Runs the commands of a page of docs/."""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def marked_commands(page: str) -> str:
    """Return a page's blocks marked ``bash``, one after the other."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL))


def environment(folder: Path, data: Path) -> dict[str, str]:
    """Return an environment in which ``tasb`` and ``python`` are this tree's.

    Parameters
    ----------
    folder
        For the command, and for what it caches.
    data
        The collection that the page calls ``DATA``.
    """
    tools = folder / "bin"
    tools.mkdir()
    for name, arguments in (("tasb", "-m tasb_pyserini "), ("python", "")):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec {sys.executable} {arguments}"$@"\n')
        tool.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TASB_CACHE": str(folder / "cache"),
        "DATA": str(data),
    }
