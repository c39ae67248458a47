"""What a mistyped name may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Say that a name is unknown, and which one is near, or else all that are known.

    Examples
    --------
    >>> unknown("key", "hit", ["hits", "index"])
    "unknown key 'hit'; did you mean 'hits'?"
    >>> unknown("key", "zzz", ["hits", "index"])
    "unknown key 'zzz'; known: hits, index"
    """
    near = get_close_matches(str(name), known := list(known), n=1)
    nearest = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    return f"unknown {what} {name!r}; {nearest}"
