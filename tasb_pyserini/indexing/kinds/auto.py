"""Which kind of index to take, by size."""

from dataclasses import dataclass

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.units import size_in_words
from tasb_pyserini.indexing.kinds.catalogue import KINDS
from tasb_pyserini.indexing.kinds.parameters import Parameters

MOST_EXACT_FIRST = ("flat", "fp16", "int8")


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind, and why."""

    kind: str
    why: str


def choose(passages: int, dimension: int, memory: int) -> Choice:
    """Take the most exact kind whose vectors fit into memory, else codes.

    Where even 8 bits a dimension do not fit, ``ivf-pq``: its codes fit, and its fp16
    vectors are mapped from disk.

    Parameters
    ----------
    passages, dimension
        Number and length of the vectors.
    memory
        Bytes that a search may use.

    Raises
    ------
    TasbError
        If not even the codes fit.

    Examples
    --------
    >>> print(choose(1_000_000, 768, 2 * 10**9).why)
    fp16: 1,000,000 x 768 take 1.54 GB, of 2 GB; flat would take 3.07 GB
    """
    vectors = f"{passages:,} x {dimension}"
    none = Parameters()
    larger: list[str] = []
    for name in MOST_EXACT_FIRST:
        size = KINDS[name].size(dimension, passages, none)
        if size <= memory:
            beside = f"; {' and '.join(larger)}" if larger else ""
            fits = f"{vectors} take {size_in_words(size)}, of {size_in_words(memory)}"
            return Choice(name, f"{name}: {fits}{beside}")
        larger.append(f"{name} would take {size_in_words(size)}")
    fp16 = KINDS["fp16"].size(dimension, passages, none)
    codes = KINDS["ivf-pq"].size(dimension, passages, none) - fp16
    if codes > memory:
        raise TasbError(
            f"{vectors} fit into no kind of index: the smallest needs "
            f"{size_in_words(codes)}, and there are {size_in_words(memory)}; "
            "give more with --memory, or divide the collection"
        )
    return Choice(
        "ivf-pq",
        f"ivf-pq: codes of {vectors} take {size_in_words(codes)}, of "
        f"{size_in_words(memory)}, and {size_in_words(fp16)} of vectors stay on disk; "
        f"{' and '.join(larger)}",
    )
