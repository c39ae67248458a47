"""Topics as users name them: a file, a name of the catalogue, or one of Pyserini's."""

from tasb_pyserini.cli.names import located
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.formats.topics import read_topics


def load_topics(name: str) -> Topics:
    """Read a topics file or those of a name.

    Raises
    ------
    TasbError
        If there are no such topics.
    """
    return read_topics(located(name, "topics"))
