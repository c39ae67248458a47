"""The quickstart's collection: docstrings of the standard library of this Python."""

from collections.abc import Iterator
from itertools import chain

from tasb_pyserini.formats.records import Passage
from tasb_pyserini.quickstart.builtin_docs import imported_docstrings
from tasb_pyserini.quickstart.docstrings import passage_text
from tasb_pyserini.quickstart.names import brevity, public_docstrings
from tasb_pyserini.quickstart.sources import stdlib_modules

SHORTEST = 8  # words; "Return a repr." answers nobody


def stdlib_passages() -> Iterator[Passage]:
    """Yield the docstrings of the standard library's public names, ordered by docid.

    The docid is the qualified name, such as ``shutil.copytree`` or ``str.split``; the
    text holds no title and no signature, so that a search has to go by what is said.
    Of several names with the same text the shortest is kept. The same Python gives the
    same passages in every run.

    Yields
    ------
    Passage
        The first paragraph is the first line of the contents.

    Raises
    ------
    TasbError
        If this Python came without the sources of its library.
    """
    named: dict[str, str] = {}
    for name, docstring in chain(
        imported_docstrings(), public_docstrings(stdlib_modules())
    ):
        named.setdefault(name, docstring)
    texts: dict[str, str] = {}
    for name in sorted(named, key=brevity):
        text = passage_text(named[name], name)
        if len(text.split()) >= SHORTEST:
            texts.setdefault(text, name)
    for name, text in sorted((name, text) for text, name in texts.items()):
        yield Passage(name, text)
