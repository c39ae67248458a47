"""p-values of several comparisons, so that one of them is rarely wrong by chance.

Both methods hold the chance of any false finding in a family of comparisons at alpha,
however these depend on each other. A comparison is significant where its corrected p is
at most alpha.
"""

from collections.abc import Callable, Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's step-down correction (Scandinavian Journal of Statistics, 1979).

    The smallest of n is multiplied by n, the next by n - 1 and so on, and none is left
    below a smaller one. Never above Bonferroni's.

    Examples
    --------
    >>> holm([0.5, 0.125, 0.25])
    [0.5, 0.375, 0.5]
    """
    corrected = [1.0] * len(p_values)
    floor = 0.0
    ascending = sorted(range(len(p_values)), key=p_values.__getitem__)
    for smaller, place in enumerate(ascending):
        floor = max(floor, min((len(p_values) - smaller) * p_values[place], 1.0))
        corrected[place] = floor
    return corrected


def bonferroni(p_values: Sequence[float]) -> list[float]:
    """Return each of n p-values times n, at most 1.

    Examples
    --------
    >>> bonferroni([0.5, 0.125, 0.25])
    [1.0, 0.375, 0.75]
    """
    return [min(len(p_values) * p, 1.0) for p in p_values]


def none(p_values: Sequence[float]) -> list[float]:
    """Return the p-values as they are."""
    return list(p_values)


CORRECTIONS: dict[str, Callable[[Sequence[float]], list[float]]] = {
    "holm": holm,
    "bonferroni": bonferroni,
    "none": none,
}
"""Name → correction of the p-values of one family."""
