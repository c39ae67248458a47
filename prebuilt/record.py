"""What an archive held, noted when it was unpacked, to be compared with later.

Once unpacked, the archive is gone, and with it what its checksum was of. So the size
and the CRC-32 of each file are kept: a help against failing disks, not against someone
who writes there on purpose.
"""

import zlib
from collections.abc import Mapping
from pathlib import Path

from tasb_pyserini.formats.json_file import read_object_or_none, write_object

CHUNK = 1 << 20

Record = Mapping[str, tuple[int, int]]
"""Path within the entry → bytes, CRC-32."""


def write_record(path: Path, record: Record) -> None:
    """Write a record as JSON."""
    write_object(path, record, indent=0)


def read_record(path: Path) -> Record | None:
    """Return a record; None where there is none that can be used.

    Raises
    ------
    TasbError
        If it may not be read.
    """
    values = read_object_or_none(path)
    if values is None or not all(map(is_pair, values.values())):
        return None
    return {name: (size, crc) for name, (size, crc) in values.items()}


def is_pair(value: object) -> bool:
    """Tell whether a value from JSON is two whole numbers."""
    return isinstance(value, list) and [type(number) for number in value] == [int, int]


def faults(folder: Path, record: Record) -> list[str]:
    """Compare an unpacked archive with its record; return what is wrong, in words."""
    found = []
    for name, (size, crc) in record.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name}: missing")
        elif (bytes_there := path.stat().st_size) != size:
            found.append(f"{name}: {bytes_there:,} bytes; expected {size:,}")
        elif checksum(path) != crc:
            found.append(f"{name}: other bytes than when it was unpacked")
    return found


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file."""
    crc = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            crc = zlib.crc32(chunk, crc)
    return crc
