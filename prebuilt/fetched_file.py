"""One file of an entry: downloaded; an archive is unpacked while it comes."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.archives.growing import GrowingFile
from tasb_pyserini.prebuilt.archives.unpacking import unpack
from tasb_pyserini.prebuilt.download.download import download
from tasb_pyserini.prebuilt.download.state import part_path
from tasb_pyserini.prebuilt.entry import RemoteFile
from tasb_pyserini.prebuilt.record import Record
from tasb_pyserini.prebuilt.space import most_unpacked_bytes


def fetch_file(
    file: RemoteFile, urls: Sequence[str], target: Path, **options: Any
) -> None:
    """Download a file, unless an earlier try did."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_file():
        _download(file, urls, target, **options)


def fetch_archive(
    file: RemoteFile, urls: Sequence[str], work: Path, contents: Path, **options: Any
) -> Record:
    """Download an archive to `work` and unpack it to `contents`.

    All kinds but ``zip`` are unpacked while they come. What was unpacked counts only
    once the whole archive is what the catalogue says; until then it may be anything.

    Raises
    ------
    TasbError
        If the archive can't be had or is refused; nothing unpacked remains.
    """
    assert file.archive_kind is not None
    target = work / file.filename
    unpacked = partial(
        unpack,
        kind=file.archive_kind,
        folder=contents,
        most_bytes=most_unpacked_bytes(file),
    )
    try:
        if not target.is_file() and file.archive_kind != "zip":
            record = _unpack_while_it_comes(
                file, urls, target, unpacked, contents, options
            )
            if record is not None:
                return record
        fetch_file(file, urls, target, **options)
        with target.open("rb") as source:
            return unpacked(source)
    except TasbError:
        target.unlink(missing_ok=True)  # it is what it is: to be had anew
        raise


def _download(
    file: RemoteFile, urls: Sequence[str], target: Path, **options: Any
) -> None:
    download(urls, target, size=file.size, digests=file.digests, **options)


def _unpack_while_it_comes(
    file: RemoteFile,
    urls: Sequence[str],
    target: Path,
    unpacked: Callable[[BinaryIO], Record],
    contents: Path,
    options: Mapping[str, Any],
) -> Record | None:
    """Download and unpack at once; return None if what was unpacked does not count.

    That is so where the download began anew, from a file that changed or from a mirror
    that sent something else. An archive that is refused before it is known to be the
    right one is downloaded to its end; a disk that is full ends the download at once.
    """
    growing = GrowingFile(part_path(target), file.filename)
    with closing(growing), ThreadPoolExecutor(1, "unpack") as pool:
        unpacking = pool.submit(unpacked, cast(BinaryIO, growing))

        def arrived(count: int) -> None:
            growing.arrived(count)
            if unpacking.done() and isinstance(unpacking.exception(), OSError):
                unpacking.result()

        try:
            _download(file, urls, target, arrived=arrived, **options)
            if growing.finish(target):
                return unpacking.result()
        except BaseException:
            growing.stop()
            wait([unpacking])
            shutil.rmtree(contents, ignore_errors=True)
            raise
        wait([unpacking])
    shutil.rmtree(contents, ignore_errors=True)
    return None
