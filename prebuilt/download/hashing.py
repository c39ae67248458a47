"""Digests of a file that is still being written, from its beginning on."""

import hashlib
import os
from collections.abc import Callable, Mapping

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download.part import Part
from tasb_pyserini.prebuilt.download.segments import prefix

BLOCK, BLOCKS = 1 << 20, 16
"""Bytes hashed at a time, and how often before others get a look."""


class PrefixHashes:
    """Hash the bytes of a part file that have come without a gap.

    Parameters
    ----------
    part
        The file.
    digests
        Algorithm → digest that the whole should have, in hexadecimal.
    arrived
        Called with the number of bytes that are there and hashed.

    Raises
    ------
    TasbError
        If an algorithm is unknown.
    """

    def __init__(
        self, part: Part, digests: Mapping[str, str], arrived: Callable[[int], None]
    ) -> None:
        for name in digests:
            if name not in hashlib.algorithms_available:
                raise TasbError(f"digest {name!r}: expected md5 or sha256")
        self.part, self.digests, self.arrived = part, digests, arrived
        self.position = 0
        self._block = memoryview(bytearray(BLOCK))
        self._begin()

    def follow(self) -> bool:
        """Hash some of what has come since; tell whether there is more."""
        for _ in range(BLOCKS):
            beginnings = self.part.beginnings
            if self._beginnings != beginnings:
                self._begin()
            there = prefix(self.part.done)
            block = self._block[: min(BLOCK, max(0, there - self.position))]
            if not block:
                return False
            read = os.preadv(self.part.descriptor, [block], self.position)
            # Given up while it was read, it may hold bytes of the old file or the new.
            if self.part.beginnings != beginnings:
                continue
            if not read:
                raise TasbError(f"{self.part.target}: its part file became shorter")
            for running in self._running.values():
                running.update(block[:read])
            self.position += read
            self.arrived(self.position)
        return True

    def mismatch(self) -> str | None:
        """Say which digest is not the one expected; None where all are right."""
        for name, running in self._running.items():
            found, expected = running.hexdigest(), self.digests[name].lower()
            if found != expected:
                return f"{name} {found}; expected {expected}"
        return None

    def _begin(self) -> None:
        if self.position > 0:
            self.arrived(0)
        self._beginnings = self.part.beginnings
        self.position = 0
        self._running = {
            name: hashlib.new(name, usedforsecurity=False) for name in self.digests
        }
