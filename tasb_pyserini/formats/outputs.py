"""What a command may write, looked at before its work begins."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError


def check_files(outputs: Iterable[Path | None], inputs: Iterable[Path]) -> None:
    """Refuse early what could not, or should not, be written.

    Parameters
    ----------
    outputs
        Files to write; None stands for one that nobody asked for.
    inputs
        Files that are read.

    Raises
    ------
    TasbError
        If one is a folder or a device, is in a place that may not be written to, is
        read as well, or is named twice.
    """
    read, seen = list(inputs), set[Path]()
    for path in outputs:
        if path is None:
            continue
        refuse_other_than_file(path)
        refuse_unwritable(path)
        refuse_overwriting(path, read)
        if path.resolve() in seen:
            raise TasbError(f"{path}: named for two outputs; expected a name for each")
        seen.add(path.resolve())


def refuse_other_than_file(path: Path) -> None:
    """Raise an error where something stands at `path` that is no file.

    Renamed onto a device (``/dev/null``), a file would take its place for good.

    Raises
    ------
    TasbError
        If it is a folder or a device.
    """
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a device"
        raise TasbError(f"{path}: is {kind}; expected the name of a file to write")


def refuse_unwritable(path: Path) -> None:
    """Raise an error where no file can be made at `path`, with the folders above it.

    Raises
    ------
    TasbError
        If what stands there of its path is no folder, or none to write to.
    """
    above = next(folder for folder in path.resolve().parents if folder.exists())
    if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
        raise TasbError(
            f"{path}: can't be written: {above} is no folder that you may write to; "
            "expected another name to write"
        )


def refuse_overwriting(
    path: Path, inputs: Iterable[Path], cause: Path | None = None
) -> None:
    """Raise an error where a file to write is one that is read.

    Parameters
    ----------
    path
        File to write.
    inputs
        Files that are read.
    cause
        The file beside which it is written; None where it was asked for itself.

    Raises
    ------
    TasbError
        If it is one of the inputs, by whatever path.
    """
    if path.resolve() in {read.resolve() for read in inputs}:
        raise TasbError(
            f"{path}: is read, and {cause or 'this command'} would write over it; "
            "expected another name to write"
        )


def refuse_other_than_folder(path: Path) -> None:
    """Raise an error where no folder can take the place of what stands at `path`.

    Raises
    ------
    TasbError
        If it is a file or a device, or something is mounted there.
    """
    if path.exists() and not path.is_dir():
        raise TasbError(f"{path}: is a file; expected the name of a folder to write")
    if path.resolve().is_mount():
        raise TasbError(
            f"{path}: something is mounted there, and what is written could not take "
            "its place; name a folder inside it"
        )


def refuse_other_files(
    folder: Path,
    is_own: Callable[[Path], bool],
    what: str,
    expected: str,
    *,
    hidden: bool = True,
) -> None:
    """Raise an error where a folder to work in holds what is not ours.

    Parameters
    ----------
    folder
        Folder that is to be written.
    is_own
        Tells whether a folder is of the same work.
    what
        What the folder then lacks.
    expected
        What may stand there, but for a new or empty folder.
    hidden
        Whether hidden files count.

    Raises
    ------
    TasbError
        If the folder holds files and is not its own.
    """
    if not folder.is_dir() or is_own(folder):
        return
    if any(hidden or not path.name.startswith(".") for path in folder.iterdir()):
        raise TasbError(
            f"{folder}: holds files but no {what}; expected a new or empty folder, or "
            f"{expected}"
        )


def refuse_to_replace(
    output: Path, is_own: Callable[[Path], bool], what: str, replaced: str
) -> None:
    """Raise an error where a folder to be replaced holds what is not to be lost.

    Parameters
    ----------
    output, is_own, what
        As of `refuse_other_files`.
    replaced
        What may be replaced.

    Raises
    ------
    TasbError
        If the folder holds files and is not its own, or can't be replaced.
    """
    refuse_other_than_folder(output)
    refuse_other_files(output, is_own, what, f"{replaced} to replace")
