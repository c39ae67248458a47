"""Entries whose files a test's own server has, and an index to put into them."""

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

from tasb_pyserini.prebuilt.entry import Kind, Prebuilt, RemoteFile
from tests.prebuilt.archives.hostile import tar
from tests.prebuilt.server import FileServer

INDEX = {"segments_1": b"segments", "_0.cfs": b"passages" * 500}


def index_archive(files: dict[str, bytes] = INDEX, folder: str = "mini") -> bytes:
    """Return a ``.tar.gz`` of a folder of files, as prebuilt indexes are."""
    members: list[tuple[str, Any]] = [(folder, {"type": tarfile.DIRTYPE})]
    members += [(f"{folder}/{name}", content) for name, content in files.items()]
    return tar(*members, kind="tar.gz")


def remote(server: FileServer, name: str, content: bytes, **more: Any) -> RemoteFile:
    """Put a file on a server; return it as a catalogue has it."""
    server.files[name] = content
    values = {
        "urls": (server.url(name),),
        "size": len(content),
        "md5": hashlib.md5(content).hexdigest(),
    }
    return RemoteFile(filename=name, **{**values, **more})


def entry(name: str, kind: Kind, *files: RemoteFile) -> Prebuilt:
    return Prebuilt(name=name, kind=kind, description="of a test", files=files)


def lucene(server: FileServer, content: bytes | None = None, **more: Any) -> Prebuilt:
    """Return an index on a server, named ``mini``."""
    archive = index_archive() if content is None else content
    return entry(
        "mini", "lucene", remote(server, "mini.20260101.tar.gz", archive, **more)
    )


def write_catalog(path: Path, *entries: Prebuilt) -> Path:
    """Write entries as a catalogue of the user's."""
    listed = []
    for each in entries:
        values: dict[str, Any] = {
            "name": each.name,
            "kind": each.kind,
            "description": each.description,
            "files": [
                {
                    "filename": file.filename,
                    "urls": list(file.urls),
                    **({"size": file.size} if file.size is not None else {}),
                    **file.digests,
                }
                for file in each.files
            ],
        }
        if each.kind == "lucene":
            values |= {"documents": 1, "total_terms": 1, "unique_terms": 1}
        listed.append(values)
    path.write_text(json.dumps(listed))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder, by the path below it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def random_archive(size: int) -> bytes:
    """Return an index archive of two files of random bytes, `size` bytes together."""
    half = size // 2
    return index_archive({"a": os.urandom(half), "b": os.urandom(size - half)})


def unpacked(archive: bytes) -> dict[str, bytes]:
    """Return what the standard library finds in an archive, the top folder left out."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tarball:
        for member in tarball:
            if (content := tarball.extractfile(member)) is not None:
                found[member.name.split("/", 1)[1]] = content.read()
    return found
