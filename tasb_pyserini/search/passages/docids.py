"""Passage ids: a document's id, a delimiter, and the passage's number from 0."""

from collections.abc import Iterable

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run

DELIMITER = "#"
"""As in Pyserini's ``--max-passage-delimiter``."""


def document_of(docid: str, delimiter: str = DELIMITER) -> str:
    """Return the document that a passage is of: what stands before the delimiter.

    Examples
    --------
    >>> document_of("D1555982#3"), document_of("D1555982")
    ('D1555982', 'D1555982')
    """
    return docid.partition(delimiter)[0]


def refuse_plain(run: Run, delimiter: str) -> None:
    """Raise an error where no hit of a run is a passage.

    Raises
    ------
    TasbError
        If the run has hits, and not one has the delimiter.
    """
    docids: Iterable[str] = (docid for hits in run.values() for docid in hits)
    first = next(iter(docids), None)
    if first is not None and not any(
        delimiter in docid for hits in run.values() for docid in hits
    ):
        raise TasbError(
            f"docid {first!r}: no {delimiter!r} in it or in any other of the run; "
            f"expected passages such as {first}{delimiter}0; mind "
            "--max-passage-delimiter"
        )
