"""From an archive, whole or still arriving, to a folder."""

import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, BinaryIO

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import sync_folder
from tasb_pyserini.prebuilt.archives.tar import DamagedArchive, unpack_tar
from tasb_pyserini.prebuilt.archives.tree import Tree
from tasb_pyserini.prebuilt.archives.zip import unpack_zip
from tasb_pyserini.prebuilt.entry import ArchiveKind
from tasb_pyserini.prebuilt.record import Record


def unpack(
    source: BinaryIO, kind: ArchiveKind, folder: Path, *, most_bytes: int | None
) -> Record:
    """Unpack an archive that nobody vouches for into a folder of its own.

    Refused are absolute paths and ``..``, links that leave the folder or lead to
    nothing, devices, names that come twice, and more bytes than there should be. The
    files get the rights of new files; of theirs only the right to execute is kept.

    Parameters
    ----------
    source
        The archive, positioned at its start. All kinds but ``zip`` are read once from
        front to back, so that the file may still be growing while `source` waits for
        more; its ``name``, if any, is the archive's in errors.
    kind
        What it is.
    folder
        Made here; it must not be there yet. On an error it is removed.
    most_bytes
        Bytes that the unpacked files together may have; None for any number.

    Returns
    -------
    Record
        Path of each file, below `folder` → bytes, CRC-32.

    Raises
    ------
    TasbError
        If a member is refused, with its name; or if the archive is cut short or
        damaged.
    OSError
        If the folder can't be written.
    """
    archive = Path(str(getattr(source, "name", f"the {kind} archive"))).name
    folder.mkdir()
    try:
        tree = Tree(folder, archive, most_bytes)
        if kind == "zip":
            unpack_zip(source, tree)
        else:
            with _decompressed(source, kind) as stream:
                unpack_tar(stream, tree)
        tree.make_links()
        for each, _, _ in os.walk(folder):
            sync_folder(Path(each))
        return tree.files
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if _is_damage(error):
            raise TasbError(
                f"{archive}: cut short, damaged, or no {kind} archive ({error}); "
                "nothing was unpacked; fetch it again"
            ) from error
        raise


def _decompressed(source: BinaryIO, kind: ArchiveKind) -> IO[bytes]:
    import pyarrow

    file = pyarrow.PythonFile(source, mode="r")
    if kind == "tar":
        stream: IO[bytes] = file
    else:
        compression = "gzip" if kind == "tar.gz" else "zstd"
        stream = pyarrow.CompressedInputStream(file, compression)
    return stream


def _is_damage(error: BaseException) -> bool:
    """Tell whether an error is about the archive's bytes.

    What decompressors raise is an ``OSError`` too, but one without a number; what
    tarfile and zipfile don't foresee in a header, a ``ValueError`` or ``IndexError``;
    headers that extend one another without end, a ``RecursionError``.
    """
    if isinstance(error, TasbError):
        return isinstance(error, DamagedArchive)
    damage = (
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,  # a compression that zipfile does not know
        ValueError,
        IndexError,
        RecursionError,
    )
    no_system_error = isinstance(error, OSError) and error.errno is None
    return isinstance(error, damage) or no_system_error
