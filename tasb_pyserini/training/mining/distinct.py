"""How many different ids there are, in little memory."""

from array import array

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 1_000_000
"""Ids taken before repeated ones are forgotten."""


class DistinctCounter:
    """Counts different ids by their 64-bit hashes, 8 bytes each.

    Among 8.8 million ids two hashes are equal, and the count is one too low, with a
    probability of 2 in a million.

    Examples
    --------
    >>> counter = DistinctCounter()
    >>> for docid in ("a", "b", "a"):
    ...     counter.add(docid)
    >>> len(counter)
    2
    """

    def __init__(self) -> None:
        self._known: NDArray[np.int64] = np.empty(0, np.int64)
        self._new = array("q")

    def add(self, name: str) -> None:
        """Take an id."""
        self._new.append(hash(name))
        if len(self._new) >= AT_ONCE:
            self._merge()

    def __len__(self) -> int:
        self._merge()
        return len(self._known)

    def _merge(self) -> None:
        if self._new:
            self._known = np.union1d(self._known, np.frombuffer(self._new, np.int64))
            self._new = array("q")
