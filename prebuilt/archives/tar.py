"""Tar archives, member by member from a stream that is read once."""

import tarfile
from typing import IO, Self

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.archives.tree import CHUNK, Tree

MOST_NAME_BYTES = 1 << 20
"""Bytes of a header that extends a name; tarfile reads it into memory."""

MOST_TRAILING_BYTES = 64 << 20
"""Bytes after the end mark; tar fills its last block with zeros."""

EXTENSIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class DamagedArchive(TasbError):
    """An archive is cut short or not what its name says."""


class CheckedHeader(tarfile.TarInfo):
    """A header; a damaged one is an error, where tarfile takes it for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header."""
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if bytes(buf) == bytes(tarfile.BLOCKSIZE):
                raise  # the mark of the end
            raise DamagedArchive(str(error)) from error
        if header.type in EXTENSIONS and header.size > MOST_NAME_BYTES:
            raise DamagedArchive(f"a header of {header.size:,} bytes")
        return header


def unpack_tar(stream: IO[bytes], tree: Tree) -> None:
    """Unpack a tar archive that is no longer compressed.

    Raises
    ------
    TasbError
        If a member is refused, or the archive is damaged.
    """
    with tarfile.open(
        fileobj=stream, mode="r|", bufsize=CHUNK, tarinfo=CheckedHeader
    ) as tar:
        while (member := tar.next()) is not None:
            _unpack_member(tar, member, tree)
            # It keeps them all for later; a million would fill the memory.
            tar.members.clear()  # type: ignore[attr-defined]
    trailing = 0
    while chunk := stream.read(CHUNK):
        trailing += len(chunk)
        if trailing > MOST_TRAILING_BYTES:
            raise DamagedArchive("data after its end")


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, tree: Tree) -> None:
    if member.isdir():
        tree.add_folder(member.name)
    elif member.islnk():
        tree.add_hard_link(member.name, member.linkname)
    elif member.issym():
        tree.add_link(member.name, member.linkname)
    elif member.isreg() and not member.issparse():
        content = tar.extractfile(member)
        assert content is not None
        tree.add_file(member.name, content, member.mode)
    else:
        why = "is neither a file, a folder nor a link"
        raise tree.refusal(member.name, why)
