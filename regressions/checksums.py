"""Checksums of files and folders, read anew each time."""

import hashlib
from pathlib import Path


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
        return _of_file(path)
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path)
        hidden = any(part.startswith(".") for part in name.parts)
        if file.is_file() and not hidden and name.name != "write.lock":
            digest.update(f"{name.as_posix()}\t{_of_file(file)}\n".encode())
    return digest.hexdigest()


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
