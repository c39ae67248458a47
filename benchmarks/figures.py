"""What benchmarks measure of their own process."""

import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def per_second(call: Callable[[], object], rounds: int) -> float:
    """Return the median rate of calls over some rounds of at least a second each."""
    rates = []
    for _ in range(rounds):
        begin, calls = time.perf_counter(), 0
        while (passed := time.perf_counter() - begin) < 1 or calls < 20:
            call()
            calls += 1
        rates.append(calls / passed)
    return statistics.median(rates)


def peak_mb() -> float:
    """Return the most memory that was resident here, mapped files included.

    From Linux' ``/proc``: what ``getrusage`` says of a new process is at least what its
    parent had when it started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [kilobytes] = re.findall(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    return int(kilobytes) / 1024
