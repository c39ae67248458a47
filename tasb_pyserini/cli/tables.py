"""How the commands print tables: wider than the screen, rather than cut."""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

UNLIMITED = 100_000
"""Columns of what is no terminal."""

LEAST_TEXT = 20
"""Columns that a text keeps which may be wrapped."""


def print_table(table: Table) -> None:
    """Print a table; on a terminal, columns that may be wrapped fit to the screen."""
    console = Console()
    width = UNLIMITED
    if console.is_terminal:
        width = max(console.width, _least_width(table, console))
    console.size = (width, console.height)
    console.print(table)


def _least_width(table: Table, console: Console) -> int:
    texts = [column for column in table.columns if not column.no_wrap]
    for column in texts:
        column.max_width = LEAST_TEXT
    unlimited = console.options.update(width=UNLIMITED)
    least = Measurement.get(console, unlimited, table).maximum
    for column in texts:
        column.max_width = None
    return least
