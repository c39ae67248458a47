"""The parts of long work that an earlier run has not done, one after another."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tqdm import tqdm

Done = Callable[[int], Any]
"""Told how much of a part has been done since the last call."""


class Progress(NamedTuple):
    """What a run did.

    Parameters
    ----------
    already
        How much an earlier run had done.
    rate
        How much this run did in a second; 0 where nothing was left.
    """

    already: int
    rate: float


def run_missing(
    sizes: Sequence[int],
    is_there: Callable[[int], bool],
    run: Callable[[int, Done], None],
    *,
    unit: str,
    label: str = "",
    progress: bool,
) -> Progress:
    """Do the parts that are not there yet.

    Parameters
    ----------
    sizes
        Of all parts.
    is_there
        Tells of the number of a part whether it is finished.
    run
        Does the part of a number; called with rising ones.
    unit
        What `sizes` count.
    label
        Before the bar.
    progress
        Whether to show progress, rate and time left on stderr.

    Examples
    --------
    >>> there = {0: "", 2: ""}
    >>> def run(number, done):
    ...     there[number] = "new"
    >>> run_missing([4, 4, 4, 1], there.__contains__, run, unit="", progress=False)[0]
    8
    >>> there
    {0: '', 2: '', 1: 'new', 3: 'new'}
    """
    missing = [number for number in range(len(sizes)) if not is_there(number)]
    left = sum(sizes[number] for number in missing)
    already = sum(sizes) - left
    if not missing:
        return Progress(already, 0.0)
    start = time.monotonic()
    with tqdm(
        total=sum(sizes), initial=already, unit=unit, desc=label, disable=not progress
    ) as bar:
        for number in missing:
            run(number, bar.update)
    return Progress(already, left / (time.monotonic() - start))
