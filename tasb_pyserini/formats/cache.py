"""Where tokenised collections are kept when no folder is named."""

import os
from collections.abc import Mapping
from pathlib import Path


def token_cache(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder in ``TASB_CACHE``, else ``~/.cache/tasb_pyserini``.

    It may be deleted at any time: what is missing is made again.

    Examples
    --------
    >>> token_cache({"TASB_CACHE": "/fast/disk"}).as_posix()
    '/fast/disk'
    """
    if environ.get("TASB_CACHE"):
        return Path(environ["TASB_CACHE"])
    return Path(os.path.expanduser("~")) / ".cache" / "tasb_pyserini"
