"""Topics and qrels that Pyserini knows by name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Topics


def named_topics(name: str) -> Topics:
    """Return topics by one of Pyserini's names, such as ``dl19-passage``.

    Raises
    ------
    TasbError
        If Pyserini knows no such topics, or cannot fetch them.
    """
    with _told_in_our_words("topics", name, "a TSV of qid and query"):
        from pyserini.search import get_topics

        topics = get_topics(name)
    return {str(qid): fields["title"] for qid, fields in topics.items()}


def named_qrels(name: str) -> Path:
    """Return the qrels file of one of Pyserini's names, such as ``dl19-passage``.

    Raises
    ------
    TasbError
        If Pyserini knows no such qrels, or cannot fetch them.
    """
    with _told_in_our_words("qrels", name, "a TREC or BEIR file"):
        from pyserini.search import get_qrels_file

        return Path(get_qrels_file(name))


@contextmanager
def _told_in_our_words(what: str, name: str, expected: str) -> Iterator[None]:
    install_finder()
    start_jvm()
    from jnius import JavaException

    try:
        yield
    except (ValueError, OSError, JavaException) as error:
        why = getattr(error, "innermessage", None) or error
        raise TasbError(
            f"{what} {name!r}: no such file, and Pyserini has no {what} of that name "
            f"at hand ({why}); expected {expected}"
        ) from error
