"""Topics as users name them: a file, or one of Pyserini's names."""

from pathlib import Path

from tasb_pyserini.bindings.topics import named_topics
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.formats.topics import read_topics


def load_topics(name: str) -> Topics:
    """Read a topics file; where there is none, ask Pyserini for topics of that name.

    Raises
    ------
    TasbError
        If it is neither.
    """
    path = Path(name)
    return read_topics(path) if path.exists() else named_topics(name)
