"""From a collection to a Lucene index, by Anserini."""

import json
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

from tqdm import tqdm

from tasb_pyserini.bindings.indexer import run_indexer
from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.formats.check import check_collection
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import refuse_to_replace
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.formats.temporary import temporary_folder
from tasb_pyserini.indexing.lucene_dense_sphere import is_lucene_dense

FILE = 100_000
"""Passages a file where there are several: Anserini's threads take a file each."""

OPTIONS = ["-collection", "JsonCollection"]
OPTIONS += ["-generator", "DefaultLuceneDocumentGenerator"]
OPTIONS += ["-storePositions", "-storeDocvectors", "-storeRaw"]


def build_lucene_index(
    collection: Path, output: Path, *, threads: int = 1, progress: bool = False
) -> int:
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
        Files of `FILE` passages indexed at the same time. With more than one, the
        order of documents differs from one time to the next.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    TasbError
        If the collection is at fault, or Anserini did not index all of it.
    """
    passages = check_collection(collection).passages
    what = "Lucene index of texts"
    refuse_to_replace(output, is_text_index, what, "such an index")
    target = output.resolve()
    with (
        replace_folder(output) as folder,
        temporary_folder(target.with_name(f"{target.name}.corpus")) as corpus,
    ):
        size = FILE if threads > 1 else passages
        texts, hidden = read_collection(collection), not progress
        copied = tqdm(texts, "copying", passages, unit=" passages", disable=hidden)
        write_files(copied, corpus, size)
        run_indexer(
            "IndexCollection",
            corpus,
            folder,
            OPTIONS,
            passages,
            threads=threads,
            progress=progress,
        )
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


def write_files(passages: Iterable[Passage], folder: Path, size: int) -> None:
    """Write passages in files of `size` each, as Anserini's ``JsonCollection``."""
    rest = iter(passages)
    number = 0
    while first := next(rest, None):
        with (folder / f"{number:05}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(
                json.dumps({"id": passage.docid, "contents": passage.contents}) + "\n"
                for passage in chain([first], islice(rest, size - 1))
            )
        number += 1
