"""SHA-256 of files, folders, texts and values, in hexadecimal.

Records hold them, and folders are named after them: none may come to differ.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "empty"
    >>> path.touch()
    >>> file_sha256(path)[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def path_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and files in a folder.

    Hidden files and folders and Lucene's empty ``write.lock`` are left out.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> _ = (folder / "a").write_text("one")
    >>> before = path_sha256(folder)
    >>> _ = (folder / "a").write_text("two")
    >>> before == path_sha256(folder)
    False
    """
    if not path.is_dir():
        return file_sha256(path)
    files = [
        file
        for file in path.rglob("*")
        if file.name != "write.lock"
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
    return folder_sha256(path, files, file_sha256)


def folder_sha256(
    folder: Path, paths: Iterable[Path], of_file: Callable[[Path], str]
) -> str:
    """Return the SHA-256 of the names and checksums of files in a folder.

    Parameters
    ----------
    folder
        That the names are relative to.
    paths
        In any order; what is no file is left out.
    of_file
        Gives the checksum of one.
    """
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\t{of_file(path)}\n".encode())
    return digest.hexdigest()


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8.

    Examples
    --------
    >>> text_sha256("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def json_sha256(value: object, *, sort_keys: bool = False) -> str:
    """Return the SHA-256 of a value as `json.dumps` writes it.

    Examples
    --------
    >>> json_sha256([]) == text_sha256("[]")
    True
    """
    return text_sha256(json.dumps(value, sort_keys=sort_keys))
