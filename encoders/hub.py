"""Checkpoints from the Hugging Face hub, or from its cache on this machine."""

from collections.abc import Sequence
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from huggingface_hub import snapshot_download
from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

PROBE_SECONDS = 5.0


class HubError(OSError):
    """A checkpoint that is neither in the hub's cache nor to be had from the hub."""


def cached_snapshot(
    checkpoint: str, revision: str | None, files: Sequence[str]
) -> Path | None:
    """Return the folder of a checkpoint in the hub's cache, if it is there."""
    try:
        return Path(
            snapshot_download(
                checkpoint,
                revision=revision,
                allow_patterns=list(files),
                local_files_only=True,
            )
        )
    except LocalEntryNotFoundError:
        return None


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
    except (HfHubHTTPError, LocalEntryNotFoundError) as error:
        raise HubError(str(error).strip().partition("\n")[0]) from error


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
    except OSError as error:
        raise HubError(str(getattr(error, "reason", error))) from error
