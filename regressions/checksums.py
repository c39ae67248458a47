"""Checksums of files and folders, read anew each time."""

import hashlib
from pathlib import Path

from tasb_pyserini.formats.checksum import file_sha256


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and files in a folder.

    Hidden files and Lucene's empty ``write.lock`` are left out.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> _ = (folder / "a").write_text("one")
    >>> before = sha256_of(folder)
    >>> _ = (folder / "a").write_text("two")
    >>> before == sha256_of(folder)
    False
    """
    if not path.is_dir():
        return file_sha256(path)
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path)
        hidden = any(part.startswith(".") for part in name.parts)
        if file.is_file() and not hidden and name.name != "write.lock":
            digest.update(f"{name.as_posix()}\t{file_sha256(file)}\n".encode())
    return digest.hexdigest()
