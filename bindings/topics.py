"""Topics that Pyserini knows by name."""

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
    install_finder()
    start_jvm()
    from jnius import JavaException
    from pyserini.search import get_topics

    try:
        topics = get_topics(name)
    except (ValueError, OSError, JavaException) as error:
        raise TasbError(
            f"topics {name!r}: no such file, and Pyserini has no topics of that name "
            f"at hand ({error}); expected a TSV of qid and query"
        ) from error
    return {str(qid): fields["title"] for qid, fields in topics.items()}
