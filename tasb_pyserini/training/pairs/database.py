"""Text files of millions of lines, read out of core by an embedded DuckDB.

DuckDB is quick and lenient, our readers are slow and strict. So DuckDB reads a file
only where both are sure to agree: it is plain (see `count_plain_lines`) and every line
gives a valid row. Otherwise our reader reads it; it names the line at fault, or writes
the file anew in plain form for DuckDB.
"""

from __future__ import annotations

import glob
import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.lines import BYTE_ORDER_MARK

MEMORY = "700MB"
MOST_THREADS = 4
"""DuckDB's guide asks for 125 MB a thread at least."""
BYTES_AT_ONCE = 1 << 24
POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Form:
    """A form of text file, as our reader and as DuckDB see it.

    Parameters
    ----------
    columns
        Names of the columns.
    delimiter
        What parts them.
    plain
        The bytes that may stand in a file that DuckDB reads.
    select, where
        SQL over `columns`: the row that is kept, and whether it is valid.
    read
        Our reader: yields the columns of each line as strings.
    """

    columns: tuple[str, ...]
    delimiter: str
    plain: bytes
    select: str
    where: str
    read: Callable[[Path], Iterator[tuple[str, ...]]]


@contextmanager
def open_database(scratch: Path, threads: int) -> Iterator[Any]:
    """Open a DuckDB in memory that spills to `scratch`; yield its connection.

    Raises
    ------
    TasbError
        If DuckDB fails, as on a full disk.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(scratch),
        "threads": min(threads, MOST_THREADS),
        "preserve_insertion_order": False,
    }
    try:
        with duckdb.connect(":memory:", config=config) as database:
            # Counts, so that bars can be drawn, but draws none of its own.
            database.execute("set enable_progress_bar = true")
            database.execute("set enable_progress_bar_print = false")
            yield database
    except duckdb.Error as error:
        raise TasbError(
            f"pairs not sorted: {error}; expected room on the disk of the output"
        ) from error
    except RuntimeError as error:
        # So DuckDB passes on Ctrl-C.
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def load(
    database: Any, table: str, path: Path, form: Form, scratch: Path, *, progress: bool
) -> int:
    """Read a text file into a new table; return the number of lines.

    Raises
    ------
    InputError
        If a line of the file is at fault, or there is none.
    """
    import duckdb

    with counter(path.name, "lines", progress=progress) as bar:
        lines = count_plain_lines(path, form.plain)
        if lines:
            bar.reset(lines)
            with watched(database, bar):
                try:
                    found = _read_csv(database, table, path, form)
                except (duckdb.InvalidInputException, duckdb.ConversionException):
                    found = -1
                except duckdb.IOException as error:
                    if "GZIP" not in str(error):  # noughts behind it, say
                        raise
                    found = -1
            if found == lines:
                return lines
            database.execute(f"drop table if exists {table}")
        bar.reset()
        clean = scratch / "clean.tsv"
        lines = _rewrite(form, path, clean, bar)
    try:
        found = _read_csv(database, table, clean, form)
    except duckdb.InvalidInputException as error:
        expected = "lines of ids, of 2 MB at most"
        raise InputError(path, None, "a longer line", expected) from error
    clean.unlink()
    if found != lines:
        raise TasbError(f"{path}: DuckDB read {found} of {lines} lines")
    return lines


def counter(label: str, unit: str, *, progress: bool) -> tqdm[Any]:
    """Return a bar on stderr that counts millions of `unit`."""
    return tqdm(desc=label, unit=f" {unit}", unit_scale=True, disable=not progress)


def count_plain_lines(path: Path, plain: bytes) -> int | None:
    """Return the number of lines of a plain file, None for any other.

    Plain: UTF-8 as far as this looks, line ends LF, one behind the last line too and
    no tab before one, no byte order mark, no bytes but `plain`. May be compressed
    (``.gz``).
    """
    if not path.is_file():
        return None
    opener = gzip.open if path.suffix == ".gz" else open
    lines, chunk = 0, b""
    with opener(path, "rb") as file:
        try:
            while more := file.read(BYTES_AT_ONCE):
                if (
                    (not chunk and more.startswith(BYTE_ORDER_MARK))
                    or b"\t\n" in more
                    or (chunk.endswith(b"\t") and more.startswith(b"\n"))
                    or more.translate(None, plain)
                ):
                    return None
                chunk = more
                lines += chunk.count(b"\n")
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return None
    return lines if chunk.endswith(b"\n") else None


@contextmanager
def watched(database: Any, bar: tqdm[Any]) -> Iterator[None]:
    """Move `bar` as DuckDB's query gets on, from 0 to the bar's total."""
    done, total = threading.Event(), int(bar.total or 0)

    def follow() -> None:
        while not done.wait(POLL_SECONDS):
            share = max(database.query_progress(), 0) / 100
            bar.update(max(int(share * total) - bar.n, 0))

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    bar.update(total - bar.n)


def count_rows(database: Any, table: str) -> int:
    """Return the number of rows of a table or view."""
    return int(database.sql(f"select count(*) from {table}").fetchall()[0][0])


def names_of(database: Any, query: str) -> Iterator[list[str]]:
    """Yield the strings of a query's first column, some thousands at once."""
    for batch in database.sql(query).to_arrow_reader(BYTES_AT_ONCE >> 8):
        yield batch.column(0).to_pylist()


def _read_csv(database: Any, table: str, path: Path, form: Form) -> int:
    """Read the valid lines of a file into a new table; return how many."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in form.columns)
    present = " and ".join(f"{name} is not null" for name in form.columns)
    packed = "gzip" if path.suffix == ".gz" else "none"
    database.execute(
        f"""create temp table {table} as select {form.select} from read_csv(
            ?, delim='{form.delimiter}', header=false, quote='', escape='',
            new_line='\\n', compression='{packed}', columns={{{columns}}},
            strict_mode=true, auto_detect=false)
        where {present} and {form.where}""",
        [glob.escape(str(path.resolve()))],
    )
    return count_rows(database, table)


def _rewrite(form: Form, path: Path, clean: Path, bar: tqdm[Any]) -> int:
    """Write the rows that our reader finds in plain form; return how many."""
    lines = 0
    with clean.open("w", encoding="utf-8", newline="\n") as file:
        for row in form.read(path):
            file.write(form.delimiter.join(row) + "\n")
            bar.update()
            lines += 1
    if not lines:
        raise InputError(path, None, "no lines", "at least one")
    return lines
