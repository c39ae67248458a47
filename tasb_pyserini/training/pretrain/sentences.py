"""The sentences of a passage."""

import re

# After a full stop, question or exclamation mark, where no lower-case letter follows.
_END = re.compile(r"(?<=[.!?])\s+(?![a-z\s])")


def split_lines(text: str) -> list[list[str]]:
    r"""Return the sentences of each line of a passage; empty lines are left out.

    A rule, not a model: an abbreviation before a name ends a sentence as well.

    Examples
    --------
    >>> split_lines("Glaciers\nThey move. Slowly, e.g. a metre a day!")
    [['Glaciers'], ['They move.', 'Slowly, e.g. a metre a day!']]
    """
    lines = (line.strip() for line in text.split("\n"))
    return [_END.split(line) for line in lines if line]
