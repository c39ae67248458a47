"""How many threads a model computes with."""

import os
from collections.abc import Mapping

MOST = 16
"""More make a batch of short texts no faster."""


def default_threads(environ: Mapping[str, str] = os.environ) -> int:
    """Return ``OMP_NUM_THREADS``, else the cores that this process may use.

    Examples
    --------
    >>> default_threads({"OMP_NUM_THREADS": "3"})
    3
    """
    said = environ.get("OMP_NUM_THREADS", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    usable = getattr(os, "sched_getaffinity", None)  # Linux alone has it
    return min(MOST, len(usable(0)) if usable else os.cpu_count() or 1)
