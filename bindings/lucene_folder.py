"""A folder with a Lucene index, opened by Anserini alone.

``pyserini.search.lucene`` imports torch, transformers, openai, pandas and more, which
takes longer than many a search.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.formats.errors import TasbError


class LuceneFolder:
    """What a search needs of Pyserini's ``LuceneSearcher``, under its names.

    BM25's parameters are k1 0.9 and b 0.4 until set.

    Parameters
    ----------
    folder
        Folder of a Lucene index.

    Raises
    ------
    TasbError
        If it holds no index.
    """

    def __init__(self, folder: Path | str) -> None:
        start_jvm()
        from jnius import JavaException, autoclass

        try:
            self.object = autoclass("io.anserini.search.SimpleSearcher")(str(folder))
        except JavaException as error:
            raise TasbError(no_index(folder, error)) from error

    def set_bm25(self, k1: float, b: float) -> None:
        """Set the parameters of BM25."""
        self.object.set_bm25(float(k1), float(b))

    def is_using_rm3(self) -> bool:
        """Return whether RM3 expands queries."""
        return bool(self.object.use_rm3())

    def is_using_rocchio(self) -> bool:
        """Return whether Rocchio expands queries."""
        return bool(self.object.use_rocchio())

    def batch_search(
        self, queries: Sequence[str], qids: Sequence[str], k: int = 10, threads: int = 1
    ) -> dict[str, list[Any]]:
        """Return Anserini's own hits of each query, texts and all."""
        results = self.object.batch_search(
            java_list(queries), java_list(qids), int(k), int(threads)
        )
        return {one.getKey(): one.getValue() for one in results.entrySet().toArray()}


def java_list(words: Sequence[str]) -> Any:
    """Return a list of Java's."""
    from jnius import autoclass

    found = autoclass("java.util.ArrayList")()
    for word in words:
        found.add(word)
    return found


def no_index(
    folder: Path | str, error: Any, expected: str = "'tasb bm25 index'"
) -> str:
    """Say what is wrong with a folder that Lucene could not open.

    Parameters
    ----------
    folder
        As the user named it.
    error
        Lucene's, as a ``JavaException``.
    expected
        The command whose folder was expected.
    """
    # Where Lucene looked, and for which files, is the folder again and classes of Java.
    reason = str(error.innermessage).partition(" in MMapDirectory@")[0]
    return f"{folder}: not a Lucene index: {reason}; expected a folder of {expected}"


def refuse_without_texts(index: Path | str, searcher: Any) -> None:
    """Raise an error where BM25 would find nothing, whatever the query.

    Parameters
    ----------
    index
        For the error.
    searcher
        Pyserini's ``LuceneSearcher``, or a `LuceneFolder`.

    Raises
    ------
    TasbError
        If no document of the index has the field ``contents``.
    """
    from jnius import cast

    reader = cast("org.apache.lucene.index.IndexReader", searcher.object.reader)
    if reader.getDocCount("contents") == 0:
        raise TasbError(
            f"{index}: a Lucene index without texts (no field 'contents'), such as a "
            "dense one; expected an index as of 'tasb bm25 index'"
        )
