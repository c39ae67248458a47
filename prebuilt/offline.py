"""No network where none is wanted."""

from collections.abc import Mapping

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.cache import SHARED, cache_home, entry_folder
from tasb_pyserini.prebuilt.entry import Prebuilt

OFFLINE = "TASB_OFFLINE"
"""Environment variable: ``1`` forbids every network call for prebuilt files."""


def is_offline(environ: Mapping[str, str]) -> bool:
    """Tell whether the user forbids network calls.

    Examples
    --------
    >>> is_offline({"TASB_OFFLINE": "1"}), is_offline({"TASB_OFFLINE": "0"})
    (True, False)
    """
    return environ.get(OFFLINE, "") not in ("", "0")


def refuse_offline(entry: Prebuilt, environ: Mapping[str, str]) -> None:
    """Refuse to fetch an entry where the user forbids network calls.

    Raises
    ------
    TasbError
        If so; it says how to get the entry.
    """
    if is_offline(environ):
        place = entry_folder(cache_home(environ), entry)
        raise TasbError(
            f"{entry.name}: not in a cache, and {OFFLINE} forbids to fetch it; where "
            f"there is a network run `tasb prebuilt get {entry.name}` and copy what "
            f"it prints to {place}, or name that machine's cache in {SHARED}"
        )
