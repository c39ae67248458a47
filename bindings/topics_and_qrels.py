"""Topics and qrels that ``pyserini.search`` knows by name, from our catalogue.

The URLs of both in Pyserini 1.6 are gone; Pyserini 2 asks the network even for the list
of names.
"""

import os
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from tasb_pyserini.bindings.downloads import fetched_path
from tasb_pyserini.bindings.prebuilt_names import named
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.prebuilt.catalog import our_catalog
from tasb_pyserini.prebuilt.entry import Prebuilt
from tasb_pyserini.prebuilt.offline import is_offline


def adapt_topics_and_qrels(base: ModuleType) -> None:
    """Let ``pyserini.search`` take topics and qrels that we know from our catalogue."""
    module: Any = base
    module.get_topics = our_topics(module.get_topics)
    module.get_qrels_file = our_qrels(module.get_qrels_file)


def our_topics(get_topics: Any) -> Any:
    """Wrap ``get_topics``; a single file of topics that we know is read from there.

    Where it can't be fetched, Pyserini's cache may hold the same topics.
    """

    @wraps(get_topics)
    def get_known_topics(collection_name: str) -> Any:
        entry = named(collection_name, "topics", os.environ)
        if entry is None or not is_one_file(entry):
            return get_topics(collection_name)
        try:
            path = fetched_path(entry)
        except OSError:
            # Another catalogue's topics may differ; Pyserini would ask the network.
            if entry in our_catalog().values() and not is_offline(os.environ):
                with suppress(Exception):
                    return get_topics(collection_name)
            raise
        topics = read_topics(Path(path))
        return {
            int(qid) if qid.isdigit() else qid: {"title": query}
            for qid, query in topics.items()
        }

    return get_known_topics


def our_qrels(get_qrels_file: Any) -> Any:
    """Wrap ``get_qrels_file``, which returns a path."""

    @wraps(get_qrels_file)
    def get_known_qrels_file(collection_name: str) -> Any:
        entry = named(collection_name, "qrels", os.environ)
        if entry is None or not is_one_file(entry):
            return get_qrels_file(collection_name)
        return fetched_path(entry)

    return get_known_qrels_file


def is_one_file(entry: Prebuilt) -> bool:
    """Tell whether an entry is one file that a reader can open."""
    return len(entry.files) == 1 and entry.files[0].archive_kind is None
