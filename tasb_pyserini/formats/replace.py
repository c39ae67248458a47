"""Files and folders that are written whole or not at all."""

import gzip
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import IO, BinaryIO, TextIO

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import (
    refuse_other_than_file,
    refuse_other_than_folder,
)
from tasb_pyserini.formats.temporary import (
    REPLACED,
    held,
    remove_left,
    temporary_file,
    temporary_folder,
)

STATUS = Path("/proc/self/status")
"""Where Linux tells a process's umask."""
_UMASK_LOCK = Lock()


@contextmanager
def replace_file(path: Path) -> Iterator[TextIO]:
    """Write a UTF-8 text file under a temporary name; rename it on success.

    What was at `path` stays untouched unless the block ends without an error. A name
    that ends in ``.gz`` gets a compressed file, with the same bytes each time.

    Raises
    ------
    TasbError
        If the file cannot be written: permissions, a full disk, a name in use.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> with replace_file(folder / "run.txt") as file:
    ...     _ = file.write("done")
    >>> (folder / "run.txt").read_text()
    'done'
    """
    with (
        replace_bytes(path) as raw,
        _text_writer(raw, compressed=path.suffix == ".gz") as file,
    ):
        yield file


@contextmanager
def replace_bytes(path: Path) -> Iterator[BinaryIO]:
    """Write a binary file under a temporary name; rename it on success.

    As `replace_file`, for bytes.
    """
    target = path.resolve()
    refuse_other_than_file(path)
    with _own_errors(path, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_file(target) as (temporary, raw):
            yield raw
            sync(raw)
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(target)
        sync_folder(target.parent)


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Fill a temporary folder beside `path`; on success it takes the place of `path`.

    What was at `path` stays untouched unless the block ends without an error. A
    process killed just between the two renames leaves it in ``.<name>.*.replaced``
    beside.

    Yields
    ------
    Path
        The temporary folder.

    Raises
    ------
    TasbError
        If the folder cannot be written: permissions, a full disk, a name in use.
    """
    target = path.resolve()
    refuse_other_than_folder(path)
    with _own_errors(path, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(target) as temporary:
            with named_in(path, temporary):
                yield temporary
            for file in sorted(temporary.rglob("*")):
                if file.is_file():
                    with file.open("rb") as opened:
                        os.fsync(opened.fileno())
            temporary.chmod(0o777 & ~_umask())
            _take_place(temporary, target)
        sync_folder(target.parent)


class WriteError(TasbError):
    """A place could not be written.

    Parameters
    ----------
    path
        The place, as the user named it.
    reason
        What the system says.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"{path}: not written: {reason}; expected a folder that you may write to, "
            "with room; what was there is unchanged"
        )


def write_error(path: Path, error: OSError) -> WriteError:
    """Return the error to show where `path` could not be written.

    Examples
    --------
    >>> print(write_error(Path("out/run.txt"), OSError(28, "No space left on device")))
    out/run.txt: not written: No space left on device; expected a folder that you may \
write to, with room; what was there is unchanged
    """
    return WriteError(path, error.strerror or str(error))


@contextmanager
def named_in(folder: Path, temporary: Path) -> Iterator[None]:
    """Name a file that could not be written into `temporary` as one of `folder`.

    A failed write that names no file is one of the folder's, as in `replace_folder`.

    Parameters
    ----------
    folder
        Where the files of `temporary` go in the end.
    temporary
        A hidden folder, of which the user knows nothing.
    """
    try:
        yield
    except WriteError as error:
        if not error.path.is_relative_to(temporary):
            raise
        place = folder / error.path.relative_to(temporary)
        raise WriteError(place, error.reason) from error
    except OSError as error:
        name = error.filename
        if name is not None and not Path(str(name)).is_relative_to(temporary):
            raise
        raise write_error(folder, error) from error


def sync(file: IO[str] | IO[bytes]) -> None:
    """Bring what was written to `file` onto the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Bring the names in a folder onto the disk, so that a rename survives a crash."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _own_errors(path: Path, target: Path) -> Iterator[None]:
    """Turn errors about writing `target` into one that names `path`.

    An error that names another place (an input that the block reads) passes through;
    a failed write names none.
    """
    temporary = str(target.parent / f".{target.name}.")
    try:
        yield
    except OSError as error:
        name = error.filename
        ours = name is None or str(name).startswith(temporary)
        if ours or target.is_relative_to(str(name)):
            raise write_error(path, error) from error
        raise


def _text_writer(raw: IO[bytes], *, compressed: bool) -> TextIO:
    """Return a writer whose closing leaves `raw` open, to be synced."""
    if not compressed:
        return open(raw.fileno(), "w", encoding="utf-8", newline="\n", closefd=False)
    packed = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0)
    return io.TextIOWrapper(packed, encoding="utf-8", newline="\n")


def _take_place(new: Path, path: Path) -> None:
    if path.exists():
        old = path.with_name(f".{path.name}.{secrets.token_hex(4)}{REPLACED}")
        with held(path):
            try:
                path.rename(old)
                new.rename(path)
            except BaseException:
                if old.exists():
                    old.rename(path)
                raise
            shutil.rmtree(old)
    else:
        new.rename(path)
    remove_left(path, REPLACED)


def _umask() -> int:
    """Return the umask; where nothing tells it, it is 0 for a moment in all threads."""
    with suppress(OSError):
        for line in STATUS.read_bytes().splitlines():
            if line.startswith(b"Umask:"):
                return int(line.split()[1], 8)
    with _UMASK_LOCK:
        mask = os.umask(0)
        os.umask(mask)
    return mask
