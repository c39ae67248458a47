"""The dense and the sparse side of a hybrid search, at the same time."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from tasb_pyserini.bindings.java_threads import leaving_java

Dense = TypeVar("Dense")
Sparse = TypeVar("Sparse")


def one_thread() -> ThreadPoolExecutor:
    """Return the thread for a dense side, to be used again and again."""
    return ThreadPoolExecutor(1, "dense", initializer=leave_a_core)


def at_once(
    dense: Callable[[], Dense],
    sparse: Callable[[], Sparse],
    thread: ThreadPoolExecutor,
    queries: int,
) -> tuple[Dense, Sparse]:
    """Call both at the same time: `dense` in `thread`, `sparse` here, in Java's reach.

    Encoders, Faiss and pyjnius release Python's lock while they compute. Where so many
    `queries` leave Lucene no core (`has_room`), the sides take turns.
    """
    if not has_room(queries):
        found = sparse()
        return dense(), found
    waiting = thread.submit(lambda: leaving_java(dense))
    try:
        found = sparse()
    finally:
        waiting.exception()  # leaves nothing running behind an error
    return waiting.result(), found


def has_room(queries: int) -> bool:
    """Return whether Lucene finds a core while an encoder computes.

    On two cores an encoder takes both for a single query, which waits longer for both
    sides at once than for one after the other (``benchmarks/hybrid.py``). In a batch
    PyTorch's threads wait for one another; OpenVINO's do not.
    """
    torch = sys.modules.get("torch")
    cores = os.cpu_count() or 1
    if cores > 2 or (torch is not None and torch.cuda.is_available()):
        return True
    if queries == 1:
        return False
    return torch is None or bool(torch.get_num_threads() < cores)


def leave_a_core() -> None:
    """Let PyTorch use a core less in this thread.

    Its threads wait for one another in a loop; beside Lucene on the last core, they
    take several times the time of one thread alone. The count is this thread's own:
    ``torch.set_num_threads`` would change how all others round.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        most = torch.get_num_threads()  # decides on a number, unless it has
        threadpool_limits(max(1, most - 1), user_api="openmp")
