"""Collections: passages in JSONL or TSV files."""

from collections.abc import Iterator
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, TasbError, columns_error
from tasb_pyserini.formats.jsonl import parse_object, take_id, take_text
from tasb_pyserini.formats.lines import record_lines
from tasb_pyserini.formats.records import Passage, is_id

ENDINGS = (".jsonl", ".json", ".tsv")
"""What a collection file may end in, each also with ``.gz`` after it."""

CORPUS_NAMES = (
    "corpus.jsonl",
    "corpus.jsonl.gz",
    "collection.tsv",
    "collection.tsv.gz",
)
"""A folder with one of these holds its whole collection in that file."""


def read_collection(path: Path) -> Iterator[Passage]:
    """Yield the passages of a collection in order, one in memory at a time.

    Parameters
    ----------
    path
        A file or a folder; see `collection_files`. The ending tells the form:

        - ``.jsonl``, ``.json``: an object a line, either Pyserini's ``id`` (or
          ``docid``) and ``contents`` (or ``text``), or BEIR's ``_id``, ``title`` and
          ``text``, whose contents are the title, if any, a line end and the text;
        - ``.tsv``: MS MARCO's ``pid<TAB>text``.

        Each may be compressed (``.gz``).

    Raises
    ------
    InputError
        At the first line that holds no passage.
    TasbError
        If there is no collection at `path`.
    """
    for _, _, passage in numbered_passages(path):
        yield passage


def numbered_passages(path: Path) -> Iterator[tuple[Path, int, Passage]]:
    """Yield ``(file, line number, passage)``; see `read_collection`."""
    for file in collection_files(path):
        parse = _parse_tsv if _ending(file) == ".tsv" else _parse_json
        for number, line in record_lines(file):
            yield file, number, parse(file, number, line)


def collection_files(path: Path) -> list[Path]:
    """Return the files of a collection, in reading order.

    Of a folder these are the first of `CORPUS_NAMES` alone, where there is one (as in
    BEIR's folders, beside topics and qrels), else all files with one of `ENDINGS`,
    sorted by name. Hidden files and sub-folders are left out.

    Raises
    ------
    TasbError
        If there is nothing, or nothing with a known ending, or a folder mixes TSV and
        JSON: topics, for one, would be read as passages.
    """
    known = ", ".join(ENDINGS) + " (each also with .gz)"
    if path.is_dir():
        files = _folder_files(path)
        if not files:
            raise TasbError(f"{path}: no collection files; expected names in {known}")
        return files
    if path.exists() and not _ending(path):
        raise TasbError(f"{path}: not a known ending; expected a name in {known}")
    return [path]


def _folder_files(folder: Path) -> list[Path]:
    for name in CORPUS_NAMES:
        if (folder / name).is_file():
            return [folder / name]
    files = sorted(
        file
        for file in folder.iterdir()
        if _ending(file) and not file.name.startswith(".") and file.is_file()
    )
    tables = [file for file in files if _ending(file) == ".tsv"]
    others = [file for file in files if _ending(file) != ".tsv"]
    if tables and others:
        raise TasbError(
            f"{folder}: {others[0].name} and {tables[0].name}: which are passages? "
            f"expected JSON files alone, TSV files alone, or {CORPUS_NAMES[0]}; name "
            "the file that you mean"
        )
    return files


def _ending(file: Path) -> str:
    """Return which of `ENDINGS` a name has, empty where none."""
    name = file.name.removesuffix(".gz")
    return next((ending for ending in ENDINGS if name.endswith(ending)), "")


def _parse_json(path: Path, number: int, line: str) -> Passage:
    record = parse_object(path, number, line)
    docid = take_id(path, number, record, ("id", "docid", "_id"))
    contents = take_text(path, number, record, ("contents", "text"))
    if "contents" not in record and record.get("title") is not None:
        title = take_text(path, number, record, ("title",))
        contents = f"{title}\n{contents}" if title.strip() else contents
    return _passage(path, number, docid, contents)


def _parse_tsv(path: Path, number: int, line: str) -> Passage:
    columns = line.split("\t")
    if len(columns) != 2:
        raise columns_error(path, number, len(columns), "two: pid<TAB>text")
    docid, contents = columns
    if not is_id(docid):
        problem = f"id {docid!r}" if docid.strip() else "missing id"
        raise InputError(path, number, problem, "an id without white space")
    return _passage(path, number, docid, contents)


def _passage(path: Path, number: int, docid: str, contents: str) -> Passage:
    if not contents or contents.isspace():
        raise InputError(
            path, number, f"empty passage {docid}", "some text", "remove the line"
        )
    return Passage(docid, contents)
