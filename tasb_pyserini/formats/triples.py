"""Training triples by id, in MS MARCO's qidpidtriples format."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, columns_error
from tasb_pyserini.formats.lines import record_lines, write_lines
from tasb_pyserini.formats.records import Triple, is_id

EXPECTED = "three ids: qid<TAB>pos<TAB>neg"


def read_triples(path: Path, *, whole: bool = False) -> Iterator[Triple]:
    """Yield the triples of a TSV file (qid, pos, neg), one in memory at a time.

    The file may be compressed (``.gz``).

    Parameters
    ----------
    path
        The file; triple i, counted from 1, stands on line i.
    whole
        Refuse a last line without a line end (see `numbered_lines`).

    Raises
    ------
    InputError
        At the first line without three ids.
    """
    for number, line in record_lines(path, whole=whole):
        columns = line.split("\t")
        if len(columns) != 3:
            raise columns_error(path, number, len(columns), EXPECTED)
        if not all(map(is_id, columns)):
            wrong = next(name for name in columns if not is_id(name))
            raise InputError(path, number, f"id {wrong!r}", EXPECTED)
        yield Triple(*columns)


def write_triples(path: Path, triples: Iterable[Triple]) -> int:
    """Write triples atomically; return how many.

    Raises
    ------
    TasbError
        If the file cannot be written.
    """
    return write_lines(path, (f"{t.qid}\t{t.pos}\t{t.neg}" for t in triples))
