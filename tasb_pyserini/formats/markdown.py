"""Tables in Markdown."""

from collections.abc import Iterable


def table_row(cells: Iterable[str]) -> str:
    r"""Return a row of a table, whatever its cells hold.

    Examples
    --------
    >>> print(table_row(["a|b", "c"]))
    | a\|b | c |
    """
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
