"""Pyserini 2's catalogues of prebuilt indexes, also without a network.

Pyserini 2 reads them from GitHub: two while it is imported, so that without a network
not even a local index can be searched, the others when an index is asked for by name.
Here, each comes from the first of three places that has it: a copy kept from an earlier
run (the URL contains a commit, so a copy never goes stale), GitHub, and the few entries
that this package brings. While Pyserini is imported GitHub is left out.
"""

import io
import json
import re
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.prebuilt.cache import cache_home
from tasb_pyserini.prebuilt.offline import is_offline

PREFIX = "https://raw.githubusercontent.com/castorini/prebuilt-indexes/"

_CATALOGUE = re.compile(r"(\w+)/(lucene|faiss)/([\w.-]+\.json)", re.ASCII)


class Catalogues:
    """Catalogues from the cache, the network, or this package.

    Parameters
    ----------
    fetch
        What opens a URL, as ``urllib.request.urlopen`` does.
    cache
        Folder of the copies.
    prefix
        What the URLs of all catalogues start with; the commit follows.
    """

    def __init__(
        self, fetch: Callable[..., Any], cache: Path, prefix: str = PREFIX
    ) -> None:
        self.fetch = fetch
        self.cache = cache
        self.prefix = prefix
        self.network_is_used = True

    def urlopen(self, url: Any, *args: Any, **options: Any) -> Any:
        """Open a catalogue from the best place; pass any other URL on to `fetch`."""
        known = isinstance(url, str) and url.startswith(self.prefix)
        catalogue = _CATALOGUE.fullmatch(url[len(self.prefix) :]) if known else None
        if catalogue is None:
            return self.fetch(url, *args, **options)
        commit, kind, name = catalogue.groups()
        copy = self.cache / commit / kind / name
        if copy.is_file():
            return copy.open("rb")
        if self.network_is_used:
            content = self._download(url, copy, *args, **options)
            if content is not None:
                return io.BytesIO(content)
        return io.BytesIO(bundled_catalogue(kind, name))

    def _download(self, url: str, copy: Path, *args: Any, **options: Any) -> Any:
        """Return the content, None where it can't be had; keep a copy."""
        try:
            with self.fetch(url, *args, **options) as response:
                content = response.read()
            json.loads(content)  # a network's log-in page comes with status 200 too
        except (OSError, HTTPException, ValueError) as error:
            # One failure costs up to the timeout; the next would too. But where a
            # server answered, the network is there.
            self.network_is_used = isinstance(error, HTTPError)
            warnings.warn(
                f"{url} could not be read ({error}); of the indexes listed there only "
                "the few that tasb-pyserini brings are known. Ask for an index by name "
                "once with a network: the list is kept",
                stacklevel=2,
            )
            return None
        try:
            with replace_file(copy) as file:
                file.write(content.decode())
        except (OSError, TasbError):
            pass  # a cache that can't be written to: the list is good all the same
        return content


@contextmanager
def served_catalogues(module: Any, environ: Mapping[str, str]) -> Iterator[None]:
    """Serve ``pyserini.prebuilt_index_info`` its catalogues, now and later.

    The module imports ``urlopen`` by name, so the name in urllib is ours while the
    module's code runs; the module keeps it, urllib does not. Pyserini 1 fetches
    nothing, and nothing changes for it.
    """
    urlopen = urllib.request.urlopen
    catalogues = Catalogues(urlopen, cache_home(environ) / "catalogues")
    catalogues.network_is_used = False
    urllib.request.urlopen = catalogues.urlopen
    try:
        yield
    finally:
        urllib.request.urlopen = urlopen
    catalogues.network_is_used = not is_offline(environ)
    for catalogue in vars(module).values():
        # What was read during the import may be our few entries: read it again when
        # an index is asked for.
        if getattr(catalogue, "_info", None) is not None:
            catalogue._info = None


def bundled_catalogue(kind: str, name: str) -> bytes:
    """Return the entries of a catalogue that this package brings; often none."""
    file = files("tasb_pyserini.bindings") / "catalogues" / kind / name
    if file.is_file():
        return file.read_bytes()
    return b"{}" if kind == "faiss" else b"[]"
