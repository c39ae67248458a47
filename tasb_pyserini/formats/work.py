"""The folder of long work under way: a manifest says what it belongs to.

The manifest holds all that the outcome depends on, so that the same command goes on
where a killed one stopped, and another one is refused.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import read_object, write_object

MANIFEST = "manifest.json"
LOCK = ".lock"
"""Held while a process writes into the folder; stays when it has ended."""

AGAIN = "run the same command again"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Make a folder if need be, and keep other processes out of it.

    Raises
    ------
    TasbError
        If another process is at work in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout as error:
        raise TasbError(f"{folder}: another process is writing into it") from error


@contextmanager
def open_work(folder: Path, manifest: Mapping[str, Any]) -> Iterator[None]:
    """Make a folder ready, new or left over from the same work, and hold it alone.

    Parameters
    ----------
    folder
        Where finished parts are kept.
    manifest
        All that they depend on, as JSON has it.

    Raises
    ------
    TasbError
        If the folder belongs to other work or holds parts of nobody knows what, or
        another process is at work in it.
    """
    with hold(folder):
        if (folder / MANIFEST).is_file():
            refuse_other_work(folder, differences(read_manifest(folder), manifest))
        elif any(folder.glob("[!.]*")):
            raise TasbError(
                f"{folder}: holds files but no {MANIFEST}, so that nobody knows what "
                f"they belong to; delete the folder and {AGAIN}"
            )
        else:
            write_manifest(folder, manifest)
        yield


def remove_work(folder: Path) -> None:
    """Remove a folder of work that is done, or a folder of such folders.

    Manifests go last: where a process is killed meanwhile, the parts that it leaves
    are not taken for those of other work.

    Examples
    --------
    >>> folder = getfixture("tmp_path") / "run.txt.work"
    >>> with open_work(folder / "1-cat", {"depth": 9}):
    ...     pass
    >>> remove_work(folder)
    >>> folder.exists()
    False
    """
    for path in folder.rglob("*"):
        if path.is_file() and path.name != MANIFEST:
            path.unlink()
    shutil.rmtree(folder)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder.

    Raises
    ------
    InputError
        If it is no JSON object.
    """
    expected = "what an earlier run of the same command wrote"
    return read_object(folder / MANIFEST, expected, f"delete the folder and {AGAIN}")


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a folder."""
    write_object(folder / MANIFEST, manifest)


def differences(there: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """List what a manifest has otherwise than it should.

    Examples
    --------
    >>> differences({"seed": 0, "depth": 9}, {"seed": 5, "depth": 9})
    ['seed: there 0, now 5']
    """
    return [
        f"{key}: there {there.get(key)!r}, now {value!r}"
        for key, value in now.items()
        if there.get(key) != value
    ]


def refuse_other_work(folder: Path, differing: list[str]) -> None:
    """Raise an error where a folder's manifest is another one.

    Raises
    ------
    TasbError
        If `differing` names anything.
    """
    if differing:
        raise TasbError(
            f"{folder}: holds the outcome of other work ({'; '.join(differing)}); "
            "choose another output or delete this folder"
        )
