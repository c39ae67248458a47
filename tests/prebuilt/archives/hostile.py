"""Archives made to do harm, and honest ones to compare them with."""

import io
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pyarrow

from tasb_pyserini.prebuilt.entry import ArchiveKind

Member = tuple[str, Any]
"""Name, and content or what else a `TarInfo` gets."""


KINDS: tuple[ArchiveKind, ...] = ("tar", "tar.gz", "tar.zst", "zip")


def around(folder: Path) -> list[Path]:
    """Return all that is in a folder."""
    return sorted(folder.rglob("*"))


def tar(*members: Member, kind: str = "tar") -> bytes:
    """Return a tar archive of members exactly as given."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                for key, value in content.items():
                    setattr(info, key, value)
                archive.addfile(info)
    return compressed(buffer.getvalue(), kind)


def pax_chain(headers: int) -> bytes:
    """Return a tar archive of headers that extend one another, and nothing else."""
    record = b"11 path=a\n"
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, len(record)
    block = header.tobuf(tarfile.USTAR_FORMAT) + record.ljust(tarfile.BLOCKSIZE, b"\0")
    return block * headers + bytes(2 * tarfile.BLOCKSIZE)


def compressed(content: bytes, kind: str) -> bytes:
    if kind == "tar":
        return content
    sink = pyarrow.BufferOutputStream()
    compression = {"tar.gz": "gzip", "tar.zst": "zstd"}[kind]
    with pyarrow.CompressedOutputStream(sink, compression) as stream:
        stream.write(content)
    result: bytes = sink.getvalue().to_pybytes()
    return result


def zipped(*members: tuple[str, bytes, int]) -> bytes:
    """Return a zip archive of (name, content, mode)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def pack_tree(folder: Path, kind: str) -> bytes:
    """Return an archive of all in a folder."""
    if kind != "zip":
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, path.name)
        return compressed(buffer.getvalue(), kind)
    members = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            target = str(path.readlink()).encode()
            members.append((name, target, stat.S_IFLNK | 0o777))
        elif path.is_dir():
            members.append((f"{name}/", b"", stat.S_IFDIR | 0o755))
        else:
            members.append((name, path.read_bytes(), path.stat().st_mode))
    return zipped(*members)
