"""Zip archives; their table of contents is at the end, so they come as whole files."""

import stat
import zipfile
from typing import IO

from tasb_pyserini.prebuilt.archives.tree import Tree

MOST_LINK_BYTES = 4096


def unpack_zip(file: IO[bytes], tree: Tree) -> None:
    """Unpack a zip archive.

    Raises
    ------
    TasbError
        If a member is refused.
    """
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.flag_bits & 1:
                raise tree.refusal(member.filename, "is encrypted")
            mode = member.external_attr >> 16
            if member.is_dir():
                tree.add_folder(member.filename)
            elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
                with archive.open(member) as content:
                    tree.add_file(member.filename, content, mode)
            elif stat.S_ISLNK(mode):
                with archive.open(member) as content:
                    target = content.read(MOST_LINK_BYTES)
                tree.add_link(member.filename, target.decode(errors="replace"))
            else:
                why = "is neither a file, a folder nor a link"
                raise tree.refusal(member.filename, why)
