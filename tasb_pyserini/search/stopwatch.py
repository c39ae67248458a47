"""How long a search takes whose parts are written as they are found."""

import time
from collections.abc import Iterable, Iterator

from tasb_pyserini.formats.records import Run


class Stopwatch:
    """Adds up the seconds that parts of runs take to be found, not to be written.

    Examples
    --------
    >>> clock = Stopwatch()
    >>> list(clock.watch([{"1": {"a": 9.5}}, {"2": {}}]))
    [{'1': {'a': 9.5}}, {'2': {}}]
    >>> clock.seconds > 0
    True
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def watch(self, runs: Iterable[Run]) -> Iterator[Run]:
        """Yield the parts of a run, one in memory at a time."""
        begin = time.perf_counter()
        for run in runs:
            self.seconds += time.perf_counter() - begin
            yield run
            del run  # or it would stay beside the next
            begin = time.perf_counter()
