"""Which passages have the same text."""

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from tasb_pyserini.formats.check import refuse_duplicates
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.formats.same_text import digest, fold

Numbers = NDArray[np.int64]


class UnknownPassage(TasbError):
    """A docid that the collection does not have.

    Parameters
    ----------
    docid
        The id.
    """

    def __init__(self, docid: str) -> None:
        super().__init__(f"unknown docid {docid!r}; expected one of the collection")
        self.docid = docid


class PassageKeys:
    """docid → a number that tells the passage's text from other texts.

    Texts are the same where they are equal after white space is collapsed and case is
    folded. Of both the docid and the text a 64-bit hash is kept, 16 bytes a passage:
    140 MB for MS MARCO.

    Examples
    --------
    >>> keys = PassageKeys()
    >>> for docid, text in (("a", "Dogs bark."), ("b", "Cats."), ("c", "dogs  bark.")):
    ...     keys.add(docid, text)
    >>> a, b, c = keys.find(["a", "b", "c"])
    >>> bool(a == c), bool(a == b)
    (True, False)
    """

    def __init__(self) -> None:
        self._docids, self._keys = array("q"), array("q")
        self._sorted: tuple[Numbers, Numbers] | None = None

    @classmethod
    def read(cls, collection: Path, *, progress: bool = False) -> "PassageKeys":
        """Return the keys of a collection.

        Parameters
        ----------
        collection
            File or folder.
        progress
            Whether to show progress on stderr.

        Raises
        ------
        InputError
            If a line is bad or an id comes twice.
        """
        keys = cls()
        for _ in keys.watch(collection, progress=progress):
            pass
        return keys

    def watch(self, collection: Path, *, progress: bool = False) -> Iterator[Passage]:
        """Yield the passages of a collection and take each; as `read`.

        Raises
        ------
        InputError
            If a line is bad; at the end, if an id came twice.
        """
        with tqdm(
            read_collection(collection), unit=" passages", disable=not progress
        ) as passages:
            for passage in passages:
                self.add(passage.docid, passage.contents)
                yield passage
        docids, _ = self._tables()
        repeated = docids[1:][docids[1:] == docids[:-1]]
        if len(repeated):
            refuse_duplicates(collection, set(repeated.tolist()))

    def add(self, docid: str, text: str) -> None:
        """Take a passage."""
        # Hashes of strings differ between processes; here they never leave this one.
        self._docids.append(hash(docid))
        self._keys.append(int.from_bytes(digest(fold(text), 8), "big", signed=True))
        self._sorted = None

    def find(self, docids: Sequence[str]) -> Numbers:
        """Return a key for each docid, int64, shape ``(n_docids,)``.

        Raises
        ------
        UnknownPassage
            At the first docid that was not added.
        """
        known, keys = self._tables()
        wanted = np.fromiter(map(hash, docids), np.int64, len(docids))
        places = np.searchsorted(known, wanted)
        found = places < len(known)
        found[found] = known[places[found]] == wanted[found]
        if not found.all():
            raise UnknownPassage(docids[int(np.argmin(found))])
        return keys[places]

    def _tables(self) -> tuple[Numbers, Numbers]:
        """Return the hashes of the docids, sorted, and the keys in the same order."""
        if self._sorted is None:
            # Copies: an array that lends its memory can't take another passage.
            docids = np.array(self._docids, np.int64)
            keys = np.array(self._keys, np.int64)
            order = np.argsort(docids, kind="stable")
            self._sorted = docids[order], keys[order]
        return self._sorted
