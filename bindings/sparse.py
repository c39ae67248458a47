"""Lucene indexes, built and opened by Anserini in this process."""

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from tasb_pyserini.bindings.indexer import run_indexer
from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.lucene_folder import no_index
from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.formats.errors import TasbError


def index_collection(
    arguments: Sequence[str], done: Callable[[int], object] | None = None
) -> None:
    """Build a Lucene index, as ``python -m pyserini.index.lucene`` does.

    Anserini logs a document that it can't read, leaves it out with all that follow in
    its file, and reports success: compare ``lucene_searcher(index).num_docs`` with what
    should be there.

    Parameters
    ----------
    arguments
        Those of Anserini's ``IndexCollection``; options may start with two dashes.
        ``-quiet`` keeps its log off standard output.
    done
        As of :func:`~tasb_pyserini.bindings.indexer.run_indexer`.

    Raises
    ------
    TasbError
        If Anserini refuses; the message is its own.
    """
    words = [word[1:] if word.startswith("--") else word for word in arguments]
    run_indexer("IndexCollection", words, done)


def lucene_searcher(index: Path | str) -> Any:
    """Return Pyserini's ``LuceneSearcher`` on a folder or a prebuilt index.

    Its BM25 parameters are k1 0.9 and b 0.4 until set.

    Parameters
    ----------
    index
        Folder of a Lucene index; a string that is none names a prebuilt index, which
        is fetched.

    Raises
    ------
    TasbError
        If there is no such index.
    """
    install_finder()
    start_jvm()
    from jnius import JavaException
    from pyserini.search.lucene import LuceneSearcher

    if Path(index).is_dir():
        try:
            return LuceneSearcher(str(index))
        except JavaException as error:
            raise TasbError(no_index(index, error)) from error
    searcher = None
    if isinstance(index, str):
        with redirect_stdout(sys.stderr):  # Pyserini prints there what is wrong
            searcher = LuceneSearcher.from_prebuilt_index(index)
    if searcher is None:
        raise TasbError(
            f"{index}: no such Lucene index; expected a folder or the name of a "
            "prebuilt index that can be fetched"
        )
    return searcher
