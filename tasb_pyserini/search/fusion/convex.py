"""Convex combination."""

from tasb_pyserini.search.fusion.normalisation import Scores


def convex(first: Scores, second: Scores, alpha: float) -> Scores:
    """Return ``alpha · first + (1 - alpha) · second`` (Bruch et al., TOIS 2023, eq. 2).

    Also ``interpolation`` of ``pyserini/fusion/_base.py``.

    Parameters
    ----------
    first, second
        Scores of the same documents, shape ``(n,)``.
    alpha
        Weight of the first list, 0 to 1 for a combination that is convex.
    """
    return first * alpha + second * (1 - alpha)
