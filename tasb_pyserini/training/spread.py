"""A sample of a collection's texts, for what needs no more of them."""

from collections.abc import Iterable

MOST_TEXTS = 100_000
"""A start is made of no more, in 2 GB of memory."""


def spread_texts(texts: Iterable[str], most: int = MOST_TEXTS) -> list[str]:
    """Return all texts, or of more than `most` every second, fourth, eighth and so on.

    So more than half of `most` are left, evenly spread over all. Texts are read once,
    and never more than `most` are in memory.

    Parameters
    ----------
    texts
        Of a collection, in its order.
    most
        How many at most; at least 1.

    Examples
    --------
    >>> spread_texts("abcdefghijk", most=4)
    ['a', 'e', 'i']
    """
    spread: list[str] = []
    step = 1
    for number, text in enumerate(texts):
        if number % step:
            continue
        if len(spread) == most:
            spread = spread[::2]
            step *= 2
        if number % step == 0:
            spread.append(text)
    return spread
