"""Which kind of index to take, by size."""

from dataclasses import dataclass

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.kinds.catalogue import KINDS
from tasb_pyserini.indexing.kinds.parameters import Parameters

MOST_EXACT_FIRST = ("flat", "fp16", "int8")
GB = 1024**3


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
    >>> print(choose(1_000_000, 768, 2 * GB).why)
    fp16: 1,000,000 x 768 take 1.4 GB, of 2.0 GB; flat would take 2.9 GB
    """
    vectors = f"{passages:,} x {dimension}"
    none = Parameters()
    larger: list[str] = []
    for name in MOST_EXACT_FIRST:
        size = KINDS[name].size(dimension, passages, none)
        if size <= memory:
            beside = f"; {' and '.join(larger)}" if larger else ""
            fits = f"{vectors} take {gigabytes(size)}, of {gigabytes(memory)}"
            return Choice(name, f"{name}: {fits}{beside}")
        larger.append(f"{name} would take {gigabytes(size)}")
    fp16 = KINDS["fp16"].size(dimension, passages, none)
    codes = KINDS["ivf-pq"].size(dimension, passages, none) - fp16
    if codes > memory:
        raise TasbError(
            f"{vectors} fit into no kind of index: the smallest needs "
            f"{gigabytes(codes)}, and there are {gigabytes(memory)}; "
            "give more with --memory, or divide the collection"
        )
    return Choice(
        "ivf-pq",
        f"ivf-pq: codes of {vectors} take {gigabytes(codes)}, of {gigabytes(memory)}, "
        f"and {gigabytes(fp16)} of vectors stay on disk; {' and '.join(larger)}",
    )


def gigabytes(size: int) -> str:
    """Write a number of bytes, G a power of 1024.

    Examples
    --------
    >>> gigabytes(3 * GB // 2), gigabytes(6 * 1024)
    ('1.5 GB', '6.0 KB')
    """
    for unit, name in ((GB, "GB"), (1024**2, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1024:.1f} KB"
