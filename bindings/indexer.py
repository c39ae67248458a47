"""Anserini's indexers: Ctrl-C stops them, and how far they are can be seen."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from tasb_pyserini.bindings.java_threads import leaving_java
from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.formats.errors import TasbError

PACKAGE = "io.anserini.index"

WATCH_SECONDS = 0.2
"""Between two looks at how far Anserini is."""


def run_indexer(
    name: str, arguments: Sequence[str], done: Callable[[int], object] | None = None
) -> None:
    """Build an index in this process, as the indexer's ``main`` does.

    Anserini logs what it can't read, leaves it out and reports success: compare what
    is in the index with what should be there.

    Parameters
    ----------
    name
        Of a class in ``io.anserini.index``.
    arguments
        Those of its ``main``. ``-quiet`` keeps its log off standard output.
    done
        Told how many more documents are indexed: Anserini counts 10,000 of a file at a
        time, and the rest at the file's end.

    Raises
    ------
    TasbError
        If Anserini refuses; the message is its own.
    """
    start_jvm()
    from jnius import JavaException, autoclass

    settings = autoclass(f"{PACKAGE}.{name}$Args")()
    try:
        parser = autoclass("org.kohsuke.args4j.CmdLineParser")(settings)
        parser.parseArgument(*arguments)
        indexer = autoclass(f"{PACKAGE}.{name}")(settings)
        _run(indexer, done or (lambda _: None))
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


def _run(indexer: Any, done: Callable[[int], object]) -> None:
    """Run in a thread of its own: in Java, the main thread would not hear Ctrl-C."""
    told = 0

    def tell() -> None:
        nonlocal told
        indexed = indexer.getCounters().indexed.get()
        done(indexed - told)
        told = indexed

    with ThreadPoolExecutor(1) as pool:
        ended: Future[None] = pool.submit(leaving_java, indexer.run)
        try:
            while wait([ended], WATCH_SECONDS).not_done:
                tell()
        except BaseException:
            with _java_silent():  # of its threads' dismay
                indexer.writer.rollback()
                wait([ended])
            raise
        ended.result()
    tell()
