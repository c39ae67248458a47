"""Numbers in text, JSON and YAML files."""

import math


def parse_finite(text: str) -> float:
    """Return the number that `text` writes, NaN where it writes no finite one.

    Python takes ``1_0`` too, and any script's digits; trec_eval reads 1 and 0 there.

    Examples
    --------
    >>> parse_finite("-1.5e3"), parse_finite("1_0"), parse_finite("٣")
    (-1500.0, nan, nan)
    """
    try:
        number = float(text)
    except ValueError:
        return math.nan
    plain = text.isascii() and "_" not in text and math.isfinite(number)
    return number if plain else math.nan


def as_finite(value: object) -> float:
    """Return a value of JSON or YAML that is a finite number, NaN for any other.

    Examples
    --------
    >>> as_finite(3), as_finite(True), as_finite("3"), as_finite(10**400)
    (3.0, nan, nan, nan)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond double precision
        return math.nan
    return number if math.isfinite(number) else math.nan
