"""Threads that call Java: each must leave the JVM before it ends."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

TASK = 8
"""Items a task, so that Ctrl-C waits for few of them."""


def map_in_threads(
    function: Callable[[Item], Result], items: Sequence[Item], threads: int
) -> list[Result]:
    """Return ``function(item)`` of each item, in order.

    Java calls release Python's lock, so that Java runs on several cores.

    Parameters
    ----------
    function
        May be called from several threads at the same time.
    items
        What to call it on.
    threads
        Most threads; with 1 all calls come from this one.
    """
    if threads == 1 or len(items) <= 1:
        return list(map(function, items))

    def call(task: Sequence[Item]) -> list[Result]:
        return leaving_java(lambda: list(map(function, task)))

    tasks = [items[start : start + TASK] for start in range(0, len(items), TASK)]
    with ThreadPoolExecutor(threads) as pool:
        return list(chain.from_iterable(pool.map(call, tasks)))


def leaving_java(function: Callable[[], Result]) -> Result:
    """Call `function` from a thread of our own, then detach the thread from the JVM.

    Pyjnius attaches a thread at its first call and never detaches it; where none came,
    nothing happens.
    """
    try:
        return function()
    finally:
        jnius = sys.modules.get("jnius")
        if jnius is not None:
            jnius.detach()
