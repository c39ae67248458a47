"""A collection of documents into one of passages."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from tasb_pyserini.formats.check import check_collection
from tasb_pyserini.formats.collection import numbered_passages
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.search.passages.docids import DELIMITER
from tasb_pyserini.search.passages.sentences import split_sentences
from tasb_pyserini.search.passages.windows import windows

UNITS: dict[str, Callable[[str], list[str]]] = {
    "sentences": split_sentences,
    "words": str.split,
}
"""What a window counts → how a text is cut into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitting:
    """How a document is cut; as Anserini's segmented MS MARCO documents.

    Parameters
    ----------
    unit
        What `window` and `stride` count.
    window
        Length of a passage.
    stride
        From the beginning of a passage to that of the next.
    title_lines
        So many lines at the beginning of a document are put before each passage:
        1 for a title; 2 for the URL and title of MS MARCO documents.
    first_only
        Whether to write passage 0 alone (FirstP).
    """

    unit: Literal["sentences", "words"] = "sentences"
    window: int = 10
    stride: int = 5
    title_lines: int = 0
    first_only: bool = False


def split_document(contents: str, splitting: Splitting) -> Iterator[str]:
    r"""Yield the passages of a document, at least one.

    Examples
    --------
    >>> how = Splitting(window=2, stride=1, title_lines=1)
    >>> list(split_document("Dogs\nThey bark. They run. They eat.", how))
    ['Dogs\nThey bark. They run.', 'Dogs\nThey run. They eat.']
    """
    lines = contents.split("\n")
    title = lines[: splitting.title_lines]
    body = "\n".join(lines[splitting.title_lines :])
    units = UNITS[splitting.unit](body)
    for text in windows(units, splitting.window, splitting.stride) if units else [""]:
        yield "\n".join([*title, text] if text else title)
        if splitting.first_only:
            return


def split_collection(
    collection: Path,
    output: Path,
    splitting: Splitting,
    *,
    delimiter: str = DELIMITER,
    progress: bool = True,
) -> tuple[int, int]:
    """Write the passages of all documents; return how many documents and passages.

    Parameters
    ----------
    collection
        File or folder; see :func:`~tasb_pyserini.formats.collection.read_collection`.
    output
        JSONL file; a passage's id is the document's, the delimiter, and its number.
    splitting
        How documents are cut.
    delimiter
        Stands in no document's id.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    InputError
        If the collection is at fault, or a document's id has the delimiter in it.
    """
    documents = check_collection(collection).passages
    passages = 0
    with (
        replace_file(output) as file,
        tqdm(total=documents, unit=" documents", disable=not progress) as bar,
    ):
        for path, line, document in numbered_passages(collection):
            if delimiter in document.docid:
                raise InputError(
                    path,
                    line,
                    f"id {document.docid} has {delimiter!r} in it",
                    "ids without it",
                    "choose another --max-passage-delimiter",
                )
            texts = split_document(document.contents, splitting)
            for number, text in enumerate(texts):
                docid = f"{document.docid}{delimiter}{number}"
                file.write(json.dumps({"id": docid, "contents": text}) + "\n")
                passages += 1
            bar.update()
    return documents, passages
