"""What comes out of an archive: files, folders and links within one folder.

Every name and every byte passes through here, whatever the kind of archive. Files are
made where nothing is yet, and links last, so that nothing is ever written through one.
"""

import errno
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import sync

MOST_MEMBERS = 1_000_000
CHUNK = 1 << 20


class Tree:
    """A folder that the members of an archive are put into.

    Parameters
    ----------
    folder
        Where they go; an empty folder.
    archive
        Name of the archive, for errors.
    most_bytes
        Bytes that all files together may have; None for any number.

    Attributes
    ----------
    files
        Path of each file, below `folder` → bytes, CRC-32.
    """

    def __init__(self, folder: Path, archive: str, most_bytes: int | None) -> None:
        self.folder, self.archive, self.most_bytes = folder, archive, most_bytes
        self.members = 0
        self.bytes = 0
        self.files: dict[str, tuple[int, int]] = {}
        self.links: list[tuple[str, Path, str]] = []

    def refusal(self, member: str, why: str) -> TasbError:
        """Return the error that names the archive and its member."""
        return TasbError(
            f"{self.archive}: member {member!r:.200} {why}; nothing was unpacked, and "
            "this archive can't be trusted: tell who made it"
        )

    def add_folder(self, member: str) -> None:
        """Make a folder, if it is not there yet."""
        path = self._path(member)
        with self._refused(member):
            path.mkdir(parents=True, exist_ok=True)

    def add_file(self, member: str, content: IO[bytes], mode: int) -> None:
        """Write a file; of `mode` only the owner's right to execute is kept."""
        path = self._path(member)
        with self._refused(member):
            path.parent.mkdir(parents=True, exist_ok=True)
            rights = 0o777 if mode & 0o100 else 0o666
            created = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights)
        size, crc = 0, 0
        with open(created, "wb") as file:
            while chunk := content.read(CHUNK):
                size += len(chunk)
                crc = zlib.crc32(chunk, crc)
                self.bytes += len(chunk)
                if self.most_bytes is not None and self.bytes > self.most_bytes:
                    expected = f"brings more than the {self.most_bytes:,} bytes"
                    raise self.refusal(member, f"{expected} that there should be")
                file.write(chunk)
            sync(file)
        self.files[path.relative_to(self.folder).as_posix()] = size, crc

    def add_hard_link(self, member: str, target: str) -> None:
        """Give a file that is there already a second name."""
        path, file = self._path(member), self._path(target)
        if file.is_symlink() or not file.is_file():
            raise self.refusal(member, f"is a link to {target!r}, which is no file")
        with self._refused(member):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(file)

    def add_link(self, member: str, target: str) -> None:
        """Note a symbolic link, to be made when all files are there."""
        path = self._path(member)
        depth = len(path.parent.relative_to(self.folder).parts)
        top = min(depth, 1)  # a folder at the top is moved about as a whole
        for part in PurePosixPath(target).parts:
            depth += -1 if part == ".." else 1
            if part == "/" or depth < top:
                why = f"is a link to {target!r}, which leaves the folder"
                raise self.refusal(member, why)
        self.links.append((member, path, target))

    def make_links(self) -> None:
        """Make the symbolic links; refuse those that leave the folder after all."""
        for member, path, _ in self.links:
            with self._refused(member):
                path.parent.mkdir(parents=True, exist_ok=True)
        for member, path, target in self.links:
            with self._refused(member):
                path.symlink_to(target)
        inside = os.path.realpath(self.folder)
        for member, path, target in self.links:
            try:
                end = os.path.realpath(path, strict=True)
            except OSError as error:
                why = f"is a link to {target!r}, which leads to nothing"
                raise self.refusal(member, why) from error
            if not Path(end).is_relative_to(inside):
                why = f"is a link to {target!r}, which leaves the folder"
                raise self.refusal(member, why)

    def _path(self, member: str) -> Path:
        """Return where a member goes; count it."""
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise self.refusal(member, f"comes after {MOST_MEMBERS:,} others")
        name = PurePosixPath(member)
        if name.is_absolute():
            raise self.refusal(member, "has an absolute path")
        if ".." in name.parts:
            raise self.refusal(member, "has '..' in its path")
        if "\0" in member:
            raise self.refusal(member, "has a zero byte in its path")
        return self.folder.joinpath(*name.parts)

    @contextmanager
    def _refused(self, member: str) -> Iterator[None]:
        """Refuse a member whose name can't be had; other errors pass."""
        try:
            yield
        except (FileExistsError, NotADirectoryError) as error:
            why = "comes twice, or is both a file and a folder"
            raise self.refusal(member, why) from error
        except OSError as error:
            if error.errno not in (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL):
                raise
            why = f"has a name that can't be had here: {error.strerror}"
            raise self.refusal(member, why) from error
