"""Checkpoints from the Hugging Face hub, or from its cache on this machine."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from huggingface_hub import HfApi, constants, snapshot_download, utils
from huggingface_hub.constants import HF_HUB_OFFLINE
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
)

from tasb_pyserini.formats.errors import first_line

_FAILURES: tuple[type[Exception], ...] = (LocalEntryNotFoundError, OSError)
# The library's own errors are of the HTTP library's kind, whichever its version uses.
_FAILURES += tuple(k for k in HfHubHTTPError.__mro__ if k.__name__ == "HTTPError")

_NO_HUB: tuple[type[Exception], ...] = (ImportError, KeyError, TypeError, ValueError)
_NO_HUB += _FAILURES
"""Also what comes of a kind of proxy that is not installed, or of an alien answer."""

PROBE_SECONDS = 5.0

# Else the library first asks the hub for names of programs, to tell it which one asks:
# another wait where there is no network.
constants.HF_HUB_DISABLE_TELEMETRY = True


class HubError(OSError):
    """A checkpoint that is neither in the hub's cache nor to be had from the hub."""


def is_hub_id(name: str) -> bool:
    """Tell whether a name may be a repository's, with its owner.

    Examples
    --------
    >>> is_hub_id("owner/name"), is_hub_id("../student"), is_hub_id("out--v2/best")
    (True, False, False)
    """
    try:
        utils.validate_repo_id(name)  # type: ignore[attr-defined]  # is re-exported
    except HFValidationError:
        return False
    return "/" in name


def cached_snapshot(
    checkpoint: str,
    revision: str | None,
    files: Sequence[str],
    is_whole: Callable[[Path], bool],
) -> Path | None:
    """Return the folder of a checkpoint in the hub's cache, if it is there.

    Parameters
    ----------
    checkpoint, revision, files
        Hub id, commit, and patterns of names.
    is_whole
        Tells it from what a download that was cut short has left.
    """
    try:
        folder = Path(
            snapshot_download(
                checkpoint,
                revision=revision,
                allow_patterns=list(files),
                ignore_patterns=[_SECOND_FORM],
                local_files_only=True,
            )
        )
    except LocalEntryNotFoundError:
        return None
    return folder if is_whole(folder) else None


def fetch_snapshot(checkpoint: str, revision: str | None, files: Sequence[str]) -> Path:
    """Download a checkpoint into the hub's cache and return its folder.

    Of weights in both forms, ``.safetensors`` and ``.bin``, only the first are fetched.

    Raises
    ------
    HubError
        If the hub cannot be reached or does not have it; at once, where the library
        would try five times.
    """
    try:
        listed = ask_hub(checkpoint, revision)
        ignored = [] if _SAFE.isdisjoint(listed) else [_SECOND_FORM]
        folder = Path(
            snapshot_download(
                checkpoint,
                revision=revision,
                allow_patterns=list(files),
                ignore_patterns=ignored,
            )
        )
    except HubError:
        raise
    except _FAILURES as error:
        raise HubError(first_line(error)) from error
    # Where the connection is lost, the library gives what it had before.
    for name in utils.filter_repo_objects(  # type: ignore[attr-defined]
        listed, allow_patterns=list(files), ignore_patterns=ignored
    ):
        if not (folder / name).is_file():
            raise HubError(f"{name} did not come")
    return folder


_SAFE = {"model.safetensors", "model.safetensors.index.json"}
_SECOND_FORM = "*.bin"


def knows_of(snapshot: Path, name: str) -> bool:
    """Tell whether a snapshot has a file, or it is noted that the hub has none."""
    return (snapshot / name).is_file() or _note(snapshot, name).is_file()


def note_absence(snapshot: Path, name: str) -> None:
    """Note that the hub has no such file, as its library does, where that is so."""
    if not (snapshot / name).is_file():
        with suppress(OSError):  # in a cache of another user's
            _note(snapshot, name).parent.mkdir(parents=True, exist_ok=True)
            _note(snapshot, name).touch()


def _note(snapshot: Path, name: str) -> Path:
    return snapshot.parent.parent / ".no_exist" / snapshot.name / name


def ask_hub(checkpoint: str, revision: str | None) -> list[str]:
    """Ask the hub, as its library does, for the names of a checkpoint's files.

    Raises
    ------
    HubError
        If it cannot be reached or does not have it.
    """
    if HF_HUB_OFFLINE:
        raise HubError("HF_HUB_OFFLINE is set")
    try:
        info = HfApi().model_info(checkpoint, revision=revision, timeout=PROBE_SECONDS)
    except HfHubHTTPError as error:
        answer = error.response
        raise HubError(f"it answers {answer.status_code} {answer.reason_phrase}") from (
            error
        )
    except _NO_HUB as error:
        raise HubError(first_line(error)) from error
    return [file.rfilename for file in info.siblings or []]
