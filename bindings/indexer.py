"""Anserini's indexers: Ctrl-C stops them, and how far they are can be seen."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from tqdm import tqdm

from tasb_pyserini.bindings.java_threads import leaving_java
from tasb_pyserini.bindings.jvm import index_buffer
from tasb_pyserini.formats.errors import TasbError

PACKAGE = "io.anserini.index"

WATCH_SECONDS = 0.2
"""Between two looks at how far Anserini is."""


def run_indexer(
    name: str,
    corpus: Path,
    index: Path,
    options: Sequence[str],
    documents: int,
    *,
    threads: int = 1,
    progress: bool = False,
) -> None:
    """Build an index in this process, as the indexer's ``main`` does.

    Anserini logs what it can't read, leaves it out and reports success: compare what
    is in the index with what should be there.

    Parameters
    ----------
    name
        Of a class in ``io.anserini.index``.
    corpus, index
        The folder to read, and a new one to write.
    options
        Of the indexer, beside those above and below.
    documents
        How many there are: the length of the bar.
    threads
        Files indexed at the same time.
    progress
        Whether to show a bar on stderr. Anserini counts 10,000 documents of a file at a
        time, and the rest at the file's end.

    Raises
    ------
    TasbError
        If Anserini refuses; the message is its own.
    """
    buffer = index_buffer()
    from jnius import JavaException, autoclass

    words = [*options, "-input", str(corpus), "-index", str(index)]
    words += ["-threads", str(threads), "-memoryBuffer", str(buffer), "-quiet"]
    settings = autoclass(f"{PACKAGE}.{name}$Args")()
    try:
        parser = autoclass("org.kohsuke.args4j.CmdLineParser")(settings)
        parser.parseArgument(*words)
        indexer = autoclass(f"{PACKAGE}.{name}")(settings)
        with tqdm(
            desc="indexing", total=documents, unit=" passages", disable=not progress
        ) as bar:
            _run(indexer, bar)
    except JavaException as error:
        raise TasbError(f"Anserini's {name}: {error.innermessage}") from error


@contextmanager
def _java_silent() -> Iterator[None]:
    from jnius import autoclass

    set_level = autoclass("org.apache.logging.log4j.core.config.Configurator").setLevel
    level = (
        autoclass("org.apache.logging.log4j.LogManager").getLogger(PACKAGE).getLevel()
    )
    system, stream = autoclass("java.lang.System"), autoclass("java.io.PrintStream")
    errors = system.err
    set_level(PACKAGE, autoclass("org.apache.logging.log4j.Level").OFF)
    system.setErr(stream(autoclass("java.io.OutputStream").nullOutputStream()))
    try:
        yield
    finally:
        system.setErr(errors)
        set_level(PACKAGE, level)


def _run(indexer: Any, bar: "tqdm[NoReturn]") -> None:
    """Run in a thread of its own: in Java, the main thread would not hear Ctrl-C."""

    def show() -> None:
        bar.update(indexer.getCounters().indexed.get() - bar.n)

    with ThreadPoolExecutor(1) as pool:
        ended: Future[None] = pool.submit(leaving_java, indexer.run)
        try:
            while wait([ended], WATCH_SECONDS).not_done:
                show()
        except BaseException:
            with _java_silent():  # of its threads' dismay
                indexer.writer.rollback()
                wait([ended])
            raise
        ended.result()
    show()
