"""From a collection to a Lucene index, by Anserini."""

import json
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from tasb_pyserini.bindings.sparse import index_collection, lucene_searcher
from tasb_pyserini.formats.check import check_collection
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.files import replace_folder
from tasb_pyserini.indexing.lucene_dense_sphere import is_lucene_dense


def build_lucene_index(collection: Path, output: Path, *, threads: int = 1) -> int:
    """Index a collection with Anserini; return the number of passages.

    The index holds positions, document vectors and raw text, as those in Pyserini's
    guides do, so that feedback models and ``doc()`` work on it. While it is built, a
    copy of the collection, not compressed, lies beside `output`.

    Parameters
    ----------
    collection
        File or folder; see :func:`~tasb_pyserini.formats.collection.read_collection`.
    output
        The index directory; what is there is replaced once the new one is complete.
    threads
        Documents indexed at the same time.

    Raises
    ------
    TasbError
        If the collection is at fault, or Anserini did not index all of it.
    """
    passages = check_collection(collection).passages
    if output.exists() and any(output.iterdir()) and not is_text_index(output):
        raise TasbError(
            f"{output}: holds files but no Lucene index of texts; expected a new or "
            "empty folder, or such an index to replace"
        )
    beside, prefix = output.resolve().parent, f".{output.name}.corpus."
    with (
        replace_folder(output) as folder,
        TemporaryDirectory(dir=beside, prefix=prefix) as temporary,
    ):
        with (Path(temporary) / "passages.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(
                json.dumps({"id": passage.docid, "contents": passage.contents}) + "\n"
                for passage in read_collection(collection)
            )
        options = {
            "-collection": "JsonCollection",
            "-input": temporary,
            "-index": str(folder),
            "-generator": "DefaultLuceneDocumentGenerator",
            "-threads": str(threads),
        }
        flags = ["-storePositions", "-storeDocvectors", "-storeRaw", "-quiet"]
        index_collection([*chain.from_iterable(options.items()), *flags])
        indexed = lucene_searcher(folder).num_docs
        if indexed != passages:
            raise TasbError(
                f"{output}: Anserini indexed {indexed:,} of {passages:,} passages; "
                f"see its messages with PYSERINI_VERBOSE_JVM=1"
            )
    return passages


def is_text_index(folder: Path) -> bool:
    """Tell whether a folder is a Lucene index, and none of vectors that we wrote."""
    return any(folder.glob("segments_*")) and not is_lucene_dense(folder)
