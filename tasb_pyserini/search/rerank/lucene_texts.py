"""Passages out of a Lucene index that stores them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.jsonl import parse_object, take_text
from tasb_pyserini.formats.records import Passage

DOCIDS_AT_ONCE = 10_000

TEXT_FIELDS = ("contents", "text", "passage", "segment", "body")
"""Where the text is in the JSON of Pyserini, BEIR and MS MARCO v2."""


def lucene_passages(
    index: str, docids: Sequence[str], threads: int
) -> Iterator[Passage]:
    """Yield the passages that an index has of some docids, in their order.

    Raises
    ------
    TasbError
        If there is no such index, or it stores no texts.
    """
    from tasb_pyserini.bindings.sparse import lucene_searcher

    # Java looks relative names up where the process was when Java started.
    folder = Path(index)
    searcher = lucene_searcher(str(folder.resolve()) if folder.is_dir() else index)
    for start in range(0, len(docids), DOCIDS_AT_ONCE):
        some = docids[start : start + DOCIDS_AT_ONCE]
        found = searcher.batch_doc(list(some), threads)
        for docid in some:
            if docid in found:
                yield Passage(docid, _text(index, docid, found[docid]))


def _text(index: str, docid: str, document: Any) -> str:
    """Return the stored contents, or what is in the JSON that was indexed."""
    contents: str | None = document.contents()
    if contents is not None:
        return contents
    raw: str | None = document.raw()
    if raw is None:
        raise TasbError(
            f"{index}: stores no text of docid {docid}; expected an index made with "
            "-storeRaw or -storeContents; else name the --collection"
        )
    return text_of_json(Path(f"{index} docid {docid}"), raw)


def text_of_json(where: Path, raw: str) -> str:
    r"""Return the text of a passage in JSON, with its title as the first line.

    Parameters
    ----------
    where
        For errors.
    raw
        An object.

    Raises
    ------
    TasbError
        If it is not JSON, or has no text.

    Examples
    --------
    >>> text_of_json(Path("L"), '{"id": "1", "contents": "tea"}')
    'tea'
    >>> text_of_json(Path("L"), '{"_id": "1", "title": "Drinks", "text": "tea"}')
    'Drinks\ntea'
    """
    try:
        record = parse_object(where, 1, raw)
        text = take_text(where, 1, record, TEXT_FIELDS)
    except InputError as error:
        raise TasbError(
            f"{where}: the text that was indexed is not JSON with one of "
            f"{', '.join(TEXT_FIELDS)}; name the --collection instead"
        ) from error
    title = record.get("title")
    if "contents" in record or not isinstance(title, str) or not title.strip():
        return text
    return f"{title}\n{text}"
