"""Commands with ``{placeholders}``, filled from values."""

import re
from collections.abc import Mapping

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.nearest import unknown

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
DEEPEST = 5
"""Values that stand in values."""


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of their names, also those in values.

    Raises
    ------
    TasbError
        If a name is unknown, or a value holds itself.

    Examples
    --------
    >>> fill("{folder}/model", {"folder": "cells/{cell}", "cell": "dual"})
    'cells/dual/model'
    """
    filled = text
    for _ in range(DEEPEST):
        if "{" not in filled:
            return filled
        filled = PLACEHOLDER.sub(lambda found: _value(found[1], values), filled)
    if "{" in filled:
        raise TasbError(f"{text}: still {filled}; expected values that end somewhere")
    return filled


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise TasbError(unknown("placeholder", name, values))
    return values[name]
