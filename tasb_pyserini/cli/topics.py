"""Topics as users name them: a file, a name of the catalogue, or one of Pyserini's."""

from tasb_pyserini.bindings.topics import named_topics
from tasb_pyserini.cli.names import fetched
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.formats.topics import read_topics


def load_topics(name: str) -> Topics:
    """Read a topics file or those of a name; what we don't know we ask Pyserini for.

    Raises
    ------
    TasbError
        If there are no such topics.
    """
    path = fetched(name, "topics")
    return named_topics(name) if path is None else read_topics(path)
