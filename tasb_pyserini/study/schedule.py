"""Work in the order in which it depends on other work, a few pieces at a time."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from heapq import heappop, heappush

from tasb_pyserini.formats.errors import TasbError, in_one_line


def run_in_order(
    before: Mapping[str, Collection[str]], do: Callable[[str], None], *, jobs: int
) -> dict[str, str]:
    """Do each piece of work once all before it is done; return what failed, and why.

    What depends on a failed piece fails with its reason; the rest goes on. Of the
    pieces that are ready, the one that stands first in `before` is begun first.

    Parameters
    ----------
    before
        Piece → pieces that come before it.
    do
        Does a piece.
    jobs
        Most pieces at a time.

    Examples
    --------
    >>> done = []
    >>> run_in_order({"test": ["train"], "train": [], "bm25": []}, done.append, jobs=1)
    {}
    >>> done
    ['train', 'test', 'bm25']
    """
    # A piece is as urgent as the first in `before` that waits for it.
    place = {node: number for number, node in enumerate(before)}
    for node in reversed(list(TopologicalSorter(before).static_order())):
        for earlier in before[node]:
            place[earlier] = min(place[earlier], place[node])
    order = TopologicalSorter(before)
    order.prepare()
    failed: dict[str, str] = {}
    ready: list[tuple[int, str]] = []
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(jobs) as pool:
        while order.is_active():
            for node in order.get_ready():
                heappush(ready, (place[node], node))
            while ready and len(running) < jobs:
                _, node = heappop(ready)
                cause = next((failed[b] for b in before[node] if b in failed), None)
                if cause is None:
                    running[pool.submit(do, node)] = node
                else:
                    failed[node] = cause
                    order.done(node)
                    break
            else:
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    node = running.pop(future)
                    try:
                        future.result()
                    except (TasbError, OSError) as error:
                        failed[node] = in_one_line(error)
                    order.done(node)
    return failed
