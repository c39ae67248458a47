"""Our prebuilt indexes among those that Pyserini's ``--index`` knows by name."""

import os
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from tasb_pyserini.bindings.offline import served_catalogues
from tasb_pyserini.prebuilt.cache import find_cached
from tasb_pyserini.prebuilt.catalog import (
    entry_point_catalog,
    mirrored_urls,
    our_catalog,
    user_catalog,
)
from tasb_pyserini.prebuilt.entry import Prebuilt

ATTRIBUTES = {"faiss": "FAISS_INDEX_INFO", "lucene": "TF_INDEX_INFO"}
"""Kind of index → where ``pyserini.prebuilt_index_info`` lists it by name."""


@contextmanager
def complete_catalogues(module: ModuleType) -> Iterator[None]:
    """Run ``pyserini.prebuilt_index_info`` offline; then add our indexes to it.

    Those of ours that are in the cache count as the user's: Pyserini 2 would ask the
    network whether it lists them too.
    """
    with served_catalogues(module, os.environ):
        yield
    ours = our_catalog()
    cached = {
        name: entry
        for name, entry in ours.items()
        if entry.kind in ATTRIBUTES and find_cached(entry, os.environ) is not None
    }
    users = entry_point_catalog() | user_catalog(os.environ)
    add_indexes(module, cached | users, ours)


def add_indexes(
    module: Any,
    users: Mapping[str, Prebuilt],
    ours: Mapping[str, Prebuilt],
) -> None:
    """Add indexes to the module's lists by name.

    What the user's catalogues and installed packages name comes first, then what
    Pyserini lists, then ours: Pyserini's entry for a name that we know too may be
    newer.
    """
    lists = {kind: getattr(module, name) for kind, name in ATTRIBUTES.items()}
    for kind, listed in lists.items():
        is_plain = isinstance(listed, dict)  # Pyserini 1; a read-only Mapping in 2
        layers = [
            {
                name: pyserini_entry(
                    index, "size compressed (bytes)" if is_plain else "size"
                )
                for name, index in indexes.items()
                if index.kind == kind
            }
            for indexes in (users, ours)
        ]
        if is_plain:
            listed.update({**layers[1], **listed, **layers[0]})
        else:
            setattr(module, ATTRIBUTES[kind], ChainMap(layers[0], listed, layers[1]))


def pyserini_entry(index: Prebuilt, size_key: str) -> dict[str, Any]:
    """Return an entry in Pyserini's form; versions name the archive's size differently.

    Examples
    --------
    >>> from tasb_pyserini.prebuilt.entry import RemoteFile
    >>> urls = ("http://localhost/i.tar.gz",)
    >>> file = RemoteFile(filename="i.tar.gz", urls=urls, md5="0" * 32, size=7)
    >>> index = Prebuilt(name="mine", kind="faiss", description="", files=(file,))
    >>> entry = pyserini_entry(index, "size")
    >>> entry["size"], entry["texts"], entry["downloaded"]
    (7, None, False)
    """
    (file,) = index.files
    statistics = {
        size_key: file.size,
        "documents": index.documents,
        "total_terms": index.total_terms,
        "unique_terms": index.unique_terms,
    }
    return {
        "description": index.description,
        "filename": file.filename,
        "urls": list(mirrored_urls(file, os.environ)),
        "md5": file.md5,
        **{key: value for key, value in statistics.items() if value is not None},
        "downloaded": False,
        "texts": index.texts,
    }
