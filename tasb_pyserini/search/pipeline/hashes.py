"""Hashes of files and folders, computed once."""

from pathlib import Path

from tasb_pyserini.formats.checksum import file_sha256, folder_sha256
from tasb_pyserini.formats.json_file import read_object_or_none, write_object


class Hashes:
    """SHA-256 of files; kept in a file, and valid while size and time stay the same.

    Parameters
    ----------
    memory
        Where they are kept. A damaged file is as good as none.
    """

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        self.known: dict[str, list[int | str]] = read_object_or_none(memory) or {}

    def of(self, path: Path) -> str:
        """Return ``sha256:…`` of a file, or of the names and files in a folder.

        Hidden files, such as locks, are left out.
        """
        before = dict(self.known)
        found = self._folder(path) if path.is_dir() else self._file(path)
        if self.known != before:
            write_object(self.memory, self.known, indent=0)
        return f"sha256:{found}"

    def _folder(self, folder: Path) -> str:
        return folder_sha256(folder, folder.rglob("[!.]*"), self._file)

    def _file(self, path: Path) -> str:
        key, state = str(path.resolve()), path.stat()
        known = self.known.get(key)
        if known and known[:2] == [state.st_size, state.st_mtime_ns]:
            return str(known[2])
        found = file_sha256(path)
        self.known[key] = [state.st_size, state.st_mtime_ns, found]
        return found
