"""Lucene indexes, built and opened by Anserini in this process."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from threading import Event, Thread
from typing import Any

from tasb_pyserini.bindings.java_threads import leaving_java
from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.lucene_folder import no_index
from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.formats.errors import TasbError

WATCH_SECONDS = 0.2
"""Between two looks at how far Anserini is."""


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
        Told, from another thread, how many more documents are indexed: Anserini counts
        10,000 of a file at a time, and the rest at the file's end.

    Raises
    ------
    TasbError
        If Anserini refuses; the message is its own.
    """
    start_jvm()
    from jnius import JavaException, autoclass

    words = [word[1:] if word.startswith("--") else word for word in arguments]
    settings = autoclass("io.anserini.index.IndexCollection$Args")()
    try:
        autoclass("org.kohsuke.args4j.CmdLineParser")(settings).parseArgument(*words)
        indexer = autoclass("io.anserini.index.IndexCollection")(settings)
        with _watched(indexer, done):
            indexer.run()
    except JavaException as error:
        raise TasbError(f"Anserini's IndexCollection: {error.innermessage}") from error


@contextmanager
def _watched(indexer: Any, done: Callable[[int], object] | None) -> Iterator[None]:
    if done is None:
        yield
        return
    ended = Event()

    def watch() -> None:
        told, last = 0, False
        while not last:
            last = ended.wait(WATCH_SECONDS)
            indexed = indexer.getCounters().indexed.get()
            done(indexed - told)
            told = indexed

    thread = Thread(target=leaving_java, args=[watch])
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


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
