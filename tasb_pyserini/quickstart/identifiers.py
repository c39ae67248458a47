"""The words of which names are made: ``copytree`` is a tree to copy."""

import math
import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[A-Za-z]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SEEN = 5  # times; rarer words are often names themselves
_SHORTEST = 3  # letters of a word that can be a part of another, but for these:
_SHORT_WORDS = ("is", "in", "to", "by", "of", "at", "or")


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """Count the words that names may be made of, in lower case."""
    counts = Counter(word.lower() for text in texts for word in _WORD.findall(text))
    return Counter(
        {
            word: count
            for word, count in counts.items()
            if count >= _SEEN and (len(word) >= _SHORTEST or word in _SHORT_WORDS)
        }
    )


def name_words(name: str, counts: Counter[str]) -> list[str]:
    """Take a name apart at capitals, digits and underscores, and between known words.

    Parameters
    ----------
    counts
        Known words, as of :func:`word_counts`. Of several ways to make a name from
        them, the one with the most likely words is taken.

    Examples
    --------
    >>> counts = Counter({"copy": 30, "tree": 20, "error": 90, "err": 1, "or": 9})
    >>> name_words("copytree", counts), name_words("CopyTree_2Error", counts)
    (['copy', 'tree'], ['copy', 'tree', '2', 'error'])
    """
    parts = (part.lower() for part in _PART.findall(name))
    return [word for part in parts for word in _segment(part, counts)]


def _segment(part: str, counts: Counter[str]) -> list[str]:
    """Split `part` into known words; leave it whole where that can't be done."""
    total = counts.total()
    best: list[tuple[float, list[str]] | None] = [(0.0, [])]
    for end in range(1, len(part) + 1):
        ways = [
            (
                way[0] - math.log(counts[part[start:end]] / total),
                [*way[1], part[start:end]],
            )
            for start in range(end)
            if (way := best[start]) and part[start:end] in counts
        ]
        best.append(min(ways, default=None))
    return best[-1][1] if best[-1] else [part]
