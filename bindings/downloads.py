"""Pyserini's downloads of indexes and encoded queries, done by us.

Pyserini begins 25 GB anew after every interruption and asks no second URL after an HTTP
error. ``fetch`` does better and puts them where Pyserini looks for them.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial, wraps
from types import ModuleType
from typing import Any

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.cache import find_cached
from tasb_pyserini.prebuilt.catalog import (
    all_known,
    entry_point_catalog,
    user_catalog,
)
from tasb_pyserini.prebuilt.entry import Kind, Prebuilt, RemoteFile
from tasb_pyserini.prebuilt.fetch import fetch

INDEX_LISTS: dict[str, Kind] = {
    "TF_INDEX_INFO": "lucene",
    "IMPACT_INDEX_INFO": "lucene",
    "LUCENE_HNSW_INDEX_INFO": "lucene",
    "LUCENE_FLAT_INDEX_INFO": "lucene",
    "FAISS_INDEX_INFO": "faiss",
}
"""Name in ``pyserini.util`` → kind of the indexes listed there, as it looks them up."""

QUERY_LISTS: dict[str, Kind] = {"QUERY_INFO": "encoded-queries"}


def adapt_downloads(util: ModuleType) -> None:
    """Let ``pyserini.util`` fetch indexes and encoded queries with our downloader."""
    lists_of = {
        "download_prebuilt_index": INDEX_LISTS,
        "download_encoded_queries": QUERY_LISTS,
    }
    for name, lists in lists_of.items():
        look_up = partial(find_entry, util, lists)
        setattr(util, name, through_fetch(getattr(util, name), look_up))


def through_fetch(download: Any, look_up: Any) -> Any:
    """Wrap a download function of Pyserini; what we don't know it goes on to refuse.

    ``force`` and ``mirror``, which Pyserini ignores, are ignored.
    """

    @wraps(download)
    def fetched(
        name: str, force: bool = False, verbose: bool = True, mirror: Any = None
    ) -> str:
        entry = look_up(name)
        if entry is None:
            path: str = download(name, force=force, verbose=verbose, mirror=mirror)
            return path
        return fetched_path(entry, progress=verbose)

    return fetched


def fetched_path(entry: Prebuilt, *, progress: bool = True) -> str:
    """Return the path of an entry, after fetching it if need be.

    Raises
    ------
    OSError
        If it can't be had. Pyserini takes any ``ValueError``, as our errors are, for an
        unknown name: it prints it and goes on without an index.
    """
    try:
        return str(fetch(entry, os.environ, progress=progress))
    except TasbError as error:
        raise OSError(str(error)) from error


def find_entry(
    util: Any,
    lists: Mapping[str, Kind],
    name: str,
    environ: Mapping[str, str] = os.environ,
) -> Prebuilt | None:
    """Return what a name stands for, None where neither we nor Pyserini know it.

    The user's catalogues come first, then Pyserini's lists, then ours. Pyserini 2 may
    ask the network for its lists, so what is in the cache already comes before all.
    """
    ours = all_known(environ).get(name)
    if ours is not None and ours.kind not in lists.values():
        ours = None
    users = entry_point_catalog() | user_catalog(environ)
    if ours is not None and (name in users or find_cached(ours, environ) is not None):
        return ours
    for attribute, kind in lists.items():
        listed = getattr(util, attribute)
        if name in listed:
            return listed_entry(name, kind, listed[name], ours)
    return ours


def listed_entry(
    name: str, kind: Kind, info: Mapping[str, Any], ours: Prebuilt | None
) -> Prebuilt | None:
    """Return the entry for what Pyserini lists; None if that is no archive of a kind.

    Where we know the same file, the entry is ours, with Pyserini's URLs as mirrors.

    Examples
    --------
    >>> info = {"urls": ["http://x/i.tar.gz?dl=1"], "md5": "0" * 32, "size": 7}
    >>> listed_entry("i", "faiss", info, None).folder_name
    'i.00000000000000000000000000000000'
    """
    urls = tuple(info["urls"])
    filename = info.get("filename") or re.sub(r"\?.*$", "", urls[0].split("/")[-1])
    if ours is not None:
        (file,) = ours.files
        if (file.filename, file.md5) == (filename, info["md5"]):
            merged = tuple(dict.fromkeys(file.urls + urls))
            return replace(ours, files=(replace(file, urls=merged),))
    # The sizes of encoded queries are none that Pyserini itself compares.
    size = info.get("size", info.get("size compressed (bytes)"))
    file = RemoteFile(
        filename=filename,
        urls=urls,
        md5=info["md5"],
        size=size if isinstance(size, int) and size > 0 else None,
    )
    if file.archive_kind is None:
        return None
    description = info.get("description", "")
    return Prebuilt(name=name, kind=kind, description=description, files=(file,))
