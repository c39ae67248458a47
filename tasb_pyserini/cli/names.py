"""Files and folders as users name them: by a path, or by a name that can be fetched."""

import json
import os
from importlib.util import find_spec
from pathlib import Path

from tasb_pyserini.bindings.prebuilt_names import named, names_of
from tasb_pyserini.formats.cache import cache_folder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.lines import write_lines
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.prebuilt.entry import Kind
from tasb_pyserini.prebuilt.fetch import fetch


def located(name: str, kind: Kind) -> Path:
    """Return the path that is meant; what has a name is fetched if need be.

    A path that is there comes first, then a name of the catalogue, then topics and
    qrels of Pyserini where it is installed. What looks like a path, having a folder or
    a suffix of a file, is returned although nothing is there: whoever opens it says
    what belongs there.

    Raises
    ------
    TasbError
        If it is neither, naming the nearest; if it can't be fetched.
    """
    found = fetched(name, kind)
    if found is not None:
        return found
    if os.path.basename(name) != name or Path(name).suffix in FILE_SUFFIXES:
        return Path(name)
    problem = unknown("prebuilt name", name, names_of(kind, os.environ))
    if kind not in ("topics", "qrels") or find_spec("pyserini") is None:
        raise TasbError(f"{name}: no such file or folder, and {problem}")
    try:
        return _of_pyserini(name, kind)
    except TasbError as error:
        raise TasbError(f"{error}; {problem}") from error


def _of_pyserini(name: str, kind: Kind) -> Path:
    """Return the file of Pyserini's topics or qrels of a name.

    Raises
    ------
    TasbError
        If Pyserini has none at hand.
    """
    from tasb_pyserini.bindings.topics import named_qrels, named_topics

    if kind == "qrels":
        return named_qrels(name.removesuffix(".qrels"))
    # Pyserini's files have many forms.
    place = cache_folder() / "topics" / f"{name}.jsonl"
    place.parent.mkdir(parents=True, exist_ok=True)
    records = ({"_id": qid, "text": text} for qid, text in named_topics(name).items())
    write_lines(place, (json.dumps(record) for record in records))
    return place


def fetched(name: str, kind: Kind) -> Path | None:
    """Return the path that is meant; None if it is neither a path nor a known name.

    Raises
    ------
    TasbError
        If a name is known and can't be fetched.
    """
    if Path(name).exists():
        return Path(name)
    entry = named(name, kind, os.environ)
    if entry is None:
        return None
    if kind in ("topics", "qrels") and entry.files[0].archive_kind is not None:
        raise TasbError(
            f"{name}: an archive of several files; run `tasb prebuilt get {name}` and "
            "name the one that you mean"
        )
    return fetch(entry, os.environ)


def located_lucene(name: str) -> Path | str:
    """Return the path of a Lucene index; a name that we don't know is Pyserini's.

    Raises
    ------
    TasbError
        If a name is known and can't be fetched.
    """
    return fetched(name, "lucene") or name


TOPICS_HELP = "topics file, or a name, see tasb prebuilt, also of Pyserini's"
QRELS_HELP = "TREC or BEIR qrels, or a name, see tasb prebuilt, also of Pyserini's"
FAISS_INDEX_HELP = "Faiss index directory, or name of a prebuilt one"
LUCENE_INDEX_HELP = "Lucene index, or name of a prebuilt one, also of Pyserini's"

FILE_SUFFIXES = (".tsv", ".txt", ".jsonl", ".gz", ".pkl")
"""Ends of names that no entry has."""
