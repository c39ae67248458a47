"""Whether what is in a cache is what it should be."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.cache import (
    cache_home,
    entry_folder,
    entry_path,
    find_cached,
    is_archive,
    record_path,
)
from tasb_pyserini.prebuilt.catalog import find
from tasb_pyserini.prebuilt.entry import Prebuilt, RemoteFile
from tasb_pyserini.prebuilt.record import faults, read_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check of an entry found.

    Parameters
    ----------
    path
        What was checked.
    checked
        What was compared with what, in words.
    unchecked
        What could not be compared, and why.
    faults
        What is wrong; empty if nothing is.
    """

    path: Path
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    faults: tuple[str, ...]


def verify(name: str, environ: Mapping[str, str]) -> Verification:
    """Compare an entry that is there with what is known of it; read all of it.

    Plain files are compared with the catalogue's sizes and checksums. Those of an
    archive can't be looked at any more once it is unpacked: its files are compared with
    what was noted then. What Pyserini fetched has no such note.

    Raises
    ------
    TasbError
        If the name is unknown or no cache has the entry.
    """
    entry = find(name, environ)
    path = _path_of(entry, environ)
    checked, unchecked, wrong = [], [], []
    if is_archive(entry):
        record = read_record(record_path(path))
        if record is None:
            unchecked.append(
                "the files: no note of what they were, as where Pyserini or another "
                "program unpacked them; remove and get it to be sure"
            )
        else:
            checked.append(f"{len(record)} files: bytes and CRC-32 as when unpacked")
            wrong += faults(path, record)
    else:
        for file in entry.files:
            place = path if len(entry.files) == 1 else path / file.filename
            known, fault = _check(file, place)
            checked += known
            wrong += fault
            if not file.digests:
                why = "the catalogue has no checksum"
                unchecked.append(f"{file.filename}: {why}")
    return Verification(
        path=path,
        checked=tuple(checked),
        unchecked=tuple(unchecked),
        faults=tuple(wrong),
    )


def _path_of(entry: Prebuilt, environ: Mapping[str, str]) -> Path:
    path = find_cached(entry, environ)
    if path is None:
        place = entry_path(entry_folder(cache_home(environ), entry), entry)
        raise TasbError(
            f"{entry.name}: not there; expected at {place} or in a shared cache; run "
            f"`tasb prebuilt get {entry.name}`"
        )
    return path


def _check(file: RemoteFile, path: Path) -> tuple[list[str], list[str]]:
    """Return what of a plain file was compared, and what is wrong with it."""
    if not path.is_file():
        return [], [f"{file.filename}: missing"]
    checked, wrong = [], []
    size = path.stat().st_size
    if file.size is not None:
        checked.append(f"{file.filename}: bytes as in the catalogue")
        if size != file.size:
            wrong.append(f"{file.filename}: {size:,} bytes; expected {file.size:,}")
    for algorithm, expected in file.digests.items():
        checked.append(f"{file.filename}: {algorithm} as in the catalogue")
        with path.open("rb") as content:
            found = hashlib.file_digest(content, algorithm).hexdigest()
        if found != expected:
            wrong.append(f"{file.filename}: {algorithm} {found}; expected {expected}")
    return checked, wrong
