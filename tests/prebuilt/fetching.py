"""Where a fetch works, and one in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tasb_pyserini.prebuilt.cache import entry_folder, work_folder
from tasb_pyserini.prebuilt.entry import Prebuilt
from tests.prebuilt.entries import write_catalog

FETCH = """
import os, sys
from tasb_pyserini.prebuilt.fetch import fetch
print(fetch(sys.argv[1], os.environ, progress=False))
"""


def start(
    known: Prebuilt, environ: dict[str, str], tmp_path: Path
) -> subprocess.Popen[str]:
    """Start a process that fetches an entry, known from the user's catalogue."""
    catalog = write_catalog(tmp_path / "catalog.json", known)
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, known.name],
        env={**os.environ, **environ, "TASB_CATALOG": str(catalog)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def places(known: Prebuilt, environ: dict[str, str]) -> tuple[Path, Path]:
    folder = entry_folder(Path(environ["PYSERINI_CACHE"]), known)
    return folder, work_folder(folder)
