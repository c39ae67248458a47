"""Lucene indexes, opened by Pyserini."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.lucene_folder import no_index
from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.formats.errors import TasbError


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
