"""What ``tasb prebuilt`` says of entries: tables, lines and JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.formats.units import size_in_words
from tasb_pyserini.prebuilt.cache import cache_home, entry_folder, entry_path
from tasb_pyserini.prebuilt.catalog import mirrored_urls
from tasb_pyserini.prebuilt.entry import Prebuilt
from tasb_pyserini.prebuilt.installed import Status
from tasb_pyserini.prebuilt.verification import Verification

ON_DISK = {"present": "yes", "shared": "shared", "partial": "begun", "absent": "no"}
"""State of an entry → what the table says."""

WIDE = 110
"""Columns of a terminal that descriptions need."""

OPTIONAL = (
    ("terms", "terms"),
    ("citation", "citation"),
    ("texts", "texts"),
    ("encoder", "encoder"),
    ("topics", "topics"),
    ("documents", "documents"),
    ("queries", "queries"),
    ("source", "source"),
)
"""Label → attribute of an entry that not every one has."""


def download_size(entry: Prebuilt) -> int | None:
    """Return the bytes of an entry's files, None where one has no known size."""
    sizes = [file.size for file in entry.files]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def print_list(found: Sequence[Status]) -> None:
    """Print a table of entries; names are never cut, descriptions need some width."""
    console = Console()
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    for name in ("name", "kind", "size", "on disk"):
        justify: JustifyMethod = "right" if name == "size" else "left"
        table.add_column(name, justify=justify, no_wrap=True)
    if is_wide := not console.is_terminal or console.width >= WIDE:
        table.add_column("description")
    for each in found:
        entry = each.entry
        cells = (
            entry.name,
            entry.kind,
            size_in_words(download_size(entry)),
            ON_DISK[each.state],
            *([entry.description] if is_wide else []),
        )
        table.add_row(*map(escape, cells))
    print_table(table)


def status_report(found: Status) -> dict[str, Any]:
    """Return an entry and where it is, for JSON."""
    entry = found.entry
    return {
        "name": entry.name,
        "aliases": entry.aliases,
        "kind": entry.kind,
        "size": download_size(entry),
        "state": found.state,
        "path": None if found.path is None else str(found.path),
        "bytes_on_disk": found.taken,
        "description": entry.description,
    }


def info_report(found: Status, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return all that is known of an entry, for JSON."""
    entry = found.entry
    folder = entry_folder(cache_home(environ), entry)
    report = asdict(entry)
    for file, values in zip(entry.files, report["files"], strict=True):
        values["urls"] = mirrored_urls(file, environ)
    return {
        **report,
        "state": found.state,
        "path": None if found.path is None else str(found.path),
        "place": str(entry_path(folder, entry)),
        "bytes_on_disk": found.taken,
    }


def info_lines(found: Status, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield all that is known of an entry, a line each."""
    entry = found.entry
    rows = [("name", entry.name)]
    rows += [("alias", alias) for alias in entry.aliases]
    rows += [("kind", entry.kind), ("description", entry.description)]
    rows += [("licence", entry.licence or "the publisher states none")]
    for label, attribute in OPTIONAL:
        value = getattr(entry, attribute)
        if value is not None:
            rows.append((label, f"{value:,}" if isinstance(value, int) else value))
    seen = "yes" if entry.verified else "no, this project never had its files"
    rows += [("verified", seen), ("on disk", _whereabouts(found, environ))]
    for file in entry.files:
        exact = "" if file.size is None else f" ({file.size:,} bytes)"
        rows += [
            ("file", file.filename),
            ("  size", size_in_words(file.size) + exact),
            *(("  " + name, digest) for name, digest in file.digests.items()),
        ]
        if not file.digests:
            rows.append(("  checksum", "none known"))
        if file.unpacked_size is not None:
            rows.append(("  unpacked", size_in_words(file.unpacked_size)))
        rows += [("  url", url) for url in mirrored_urls(file, environ)]
    for label, value in rows:
        yield f"{label:<14}{value}"


def _whereabouts(found: Status, environ: Mapping[str, str]) -> str:
    if found.path is not None:
        where = " in a shared cache" if found.state == "shared" else ""
        return f"{found.path}{where}, {size_in_words(found.taken)}"
    folder = entry_folder(cache_home(environ), found.entry)
    place = f"would be at {entry_path(folder, found.entry)}"
    if found.state == "partial":
        return f"{size_in_words(found.taken)} of a begun download; {place}"
    return f"no; {place}"


def check_lines(name: str, found: Verification) -> Iterator[str]:
    """Yield what was checked of an entry, what can't be, and what is wrong."""
    yield f"{name}: {'WRONG' if found.faults else 'ok'}, {found.path}"
    for fault in found.faults:
        yield f"  wrong: {fault}"
    for line in found.checked:
        yield f"  checked: {line}"
    for line in found.unchecked:
        yield f"  can't be checked: {line}"


def usage_report(found: Sequence[Status]) -> dict[str, Any]:
    """Return the bytes that entries take, each and in all, for JSON."""
    own = {each.path or each.entry.name: each for each in found}
    totals = dict.fromkeys(("own", "shared"), 0)
    for each in own.values():
        totals["shared" if each.state == "shared" else "own"] += each.taken
    entries = {
        each.entry.name: {"bytes": each.taken, "state": each.state} for each in found
    }
    return {"entries": entries, "own": totals["own"], "shared": totals["shared"]}


def print_usage(found: Sequence[Status]) -> None:
    """Print the bytes that entries take, each and in all."""
    report = usage_report(found)
    for each in found:
        note = {"shared": "  shared", "partial": "  begun"}.get(each.state, "")
        print(f"{each.taken:>17,}  {each.entry.name}{note}")
    print(f"{report['own']:>17,}  in the own cache")
    print(f"{report['shared']:>17,}  in shared caches")
