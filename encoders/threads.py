"""How many threads a model computes with."""

import os
from collections.abc import Mapping

MOST = 16
"""More make a batch of short texts no faster."""


def default_threads(environ: Mapping[str, str] = os.environ, processes: int = 1) -> int:
    """Return ``OMP_NUM_THREADS``, else the cores that this process may use.

    Parameters
    ----------
    environ
        Of the process.
    processes
        How many share that: the threads of one of them, at least 1.

    Examples
    --------
    >>> default_threads({"OMP_NUM_THREADS": "3"})
    3
    >>> default_threads({"OMP_NUM_THREADS": "8"}, processes=3)
    2
    """
    said = environ.get("OMP_NUM_THREADS", "")
    if said.isdecimal() and int(said) > 0:
        return max(1, int(said) // processes)
    usable = getattr(os, "sched_getaffinity", None)  # Linux alone has it
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    return max(1, min(MOST, cores // processes))
