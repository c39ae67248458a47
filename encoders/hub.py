"""Checkpoints from the Hugging Face hub, or from its cache on this machine."""

from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from huggingface_hub import snapshot_download, utils
from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
)

_FAILURES: tuple[type[Exception], ...] = (LocalEntryNotFoundError, OSError)
# The library's own errors are of the HTTP library's kind, whichever its version uses.
_FAILURES += tuple(k for k in HfHubHTTPError.__mro__ if k.__name__ == "HTTPError")

PROBE_SECONDS = 5.0


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
                local_files_only=True,
            )
        )
    except LocalEntryNotFoundError:
        return None
    return folder if is_whole(folder) else None


def fetch_snapshot(checkpoint: str, revision: str | None, files: Sequence[str]) -> Path:
    """Download a checkpoint into the hub's cache and return its folder.

    Raises
    ------
    HubError
        If the hub cannot be reached or does not have it; at once, where the library
        would try five times.
    """
    try:
        ask_hub(checkpoint, revision)
        return Path(
            snapshot_download(checkpoint, revision=revision, allow_patterns=list(files))
        )
    except HubError:
        raise
    except _FAILURES as error:
        line = str(error).strip().partition("\n")[0] or type(error).__name__
        raise HubError(line) from error


def ask_hub(checkpoint: str, revision: str | None) -> None:
    """Ask the hub whether it has a checkpoint.

    Raises
    ------
    HubError
        If it cannot be reached or does not have it.
    """
    if HF_HUB_OFFLINE:
        raise HubError("HF_HUB_OFFLINE is set")
    page = f"{ENDPOINT}/api/models/{checkpoint}"
    try:
        urlopen(f"{page}/revision/{revision or 'main'}", timeout=PROBE_SECONDS).close()
    except HTTPError as error:
        # Gated repositories answer 401 here, and to the library's token all the same.
        if error.code != 401:
            raise HubError(f"it answers {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise HubError(str(getattr(error, "reason", error))) from error
