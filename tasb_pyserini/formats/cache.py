"""Where what can be made again is kept: tokens, exported models."""

import os
from collections.abc import Mapping
from pathlib import Path


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder in ``TASB_CACHE``, else ``~/.cache/tasb_pyserini``.

    It may be deleted at any time: what is missing is made again.

    Examples
    --------
    >>> cache_folder({"TASB_CACHE": "/fast/disk"}).as_posix()
    '/fast/disk'
    """
    if environ.get("TASB_CACHE"):
        return Path(environ["TASB_CACHE"])
    return Path(os.path.expanduser("~")) / ".cache" / "tasb_pyserini"
