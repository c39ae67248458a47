"""What makes a kind of index."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tasb_pyserini.indexing.kinds.parameters import Parameters

FLOAT, HALF = 4, 2
"""Bytes of a number in fp32 and fp16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of Faiss index.

    Parameters
    ----------
    make
        Returns an empty index for vectors of a dimension, that many passages and
        these parameters.
    size
        Bytes of such an index, near enough to choose by.
    storage
        How its file is written: ``codes`` in one piece after a short head, shard by
        shard; ``refined`` as an index in memory with fp16 codes behind it; ``memory``
        as a whole from memory.
    takes
        Names of the parameters that it has.
    summary
        A few words for the command's help.
    """

    make: Callable[[int, int, Parameters], Any]
    size: Callable[[int, int, Parameters], int]
    storage: Literal["codes", "refined", "memory"]
    takes: tuple[str, ...] = ()
    summary: str
