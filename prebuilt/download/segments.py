"""Which bytes of a file are there, and which are still to be fetched.

Spans are half-open, ``(start, stop)``. Done spans are kept disjoint, in order and never
touching one another, as tuples, so that another thread may look at them at any time.
"""

from collections.abc import Iterator

Span = tuple[int, int]
Spans = tuple[Span, ...]


def add(done: Spans, start: int, stop: int) -> Spans:
    """Return `done` with one more span, which may touch or overlap others.

    Examples
    --------
    >>> add(((0, 4), (9, 12)), 4, 6)
    ((0, 6), (9, 12))
    """
    if start >= stop:
        return done
    before = tuple(span for span in done if span[1] < start)
    after = tuple(span for span in done if span[0] > stop)
    met = done[len(before) : len(done) - len(after)]
    if met:
        start, stop = min(start, met[0][0]), max(stop, met[-1][1])
    return (*before, (start, stop), *after)


def prefix(done: Spans) -> int:
    """Return how many bytes from the beginning are there without a gap.

    Examples
    --------
    >>> prefix(((0, 6), (9, 12))), prefix(((9, 12),))
    (6, 0)
    """
    return done[0][1] if done and done[0][0] == 0 else 0


def total(done: Spans) -> int:
    """Return how many bytes are there.

    Examples
    --------
    >>> total(((0, 6), (9, 12)))
    9
    """
    return sum(stop - start for start, stop in done)


def gaps(done: Spans, size: int) -> Iterator[Span]:
    """Yield the spans of a file of `size` bytes that are not there.

    Examples
    --------
    >>> list(gaps(((2, 6), (9, 12)), 12))
    [(0, 2), (6, 9)]
    """
    start = 0
    for begin, end in done:
        if start < min(begin, size):
            yield start, min(begin, size)
        start = end
    if start < size:
        yield start, size


def cut(spans: Iterator[Span], length: int) -> Iterator[Span]:
    """Cut spans into segments of at most `length` bytes.

    Examples
    --------
    >>> list(cut(gaps((), 10), 4))
    [(0, 4), (4, 8), (8, 10)]
    """
    for start, stop in spans:
        for begin in range(start, stop, length):
            yield begin, min(begin + length, stop)
