"""Windows over the sentences or words of a document."""

from collections.abc import Iterator, Sequence


def windows(items: Sequence[str], size: int, stride: int) -> Iterator[str]:
    """Yield `size` items at a time, joined by spaces; each begins `stride` further.

    The last window is the first that reaches the end, so none is part of another. As in
    docTTTTTquery's ``convert_segmented_msmarco_doc_to_anserini.py``.

    Examples
    --------
    >>> list(windows(["a", "b", "c", "d", "e"], size=3, stride=2))
    ['a b c', 'c d e']
    >>> list(windows(["a"], size=3, stride=2))
    ['a']
    """
    for start in range(0, len(items), stride):
        yield " ".join(items[start : start + size])
        if start + size >= len(items):
            break
