"""Training triples by text, as in MS MARCO's ``triples.train.small.tsv``."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, columns_error
from tasb_pyserini.formats.lines import record_lines
from tasb_pyserini.formats.records import is_id

EXPECTED = "three texts: query<TAB>positive<TAB>negative"
LOOKED_AT = 100
"""Lines by which triples of texts are told from triples of ids."""


@dataclass(frozen=True, slots=True)
class TextTriple:
    """A training query with a relevant and a non-relevant passage, as texts."""

    query: str
    pos: str
    neg: str


def read_text_triples(path: Path) -> Iterator[TextTriple]:
    """Yield the triples of a TSV file of texts, one in memory at a time.

    Parameters
    ----------
    path
        Three columns parted by tabs: query, relevant passage, non-relevant passage;
        may be compressed (``.gz``). Triple i, counted from 1, stands on line i.

    Raises
    ------
    InputError
        At the first line without three texts, and where the last line has no line
        end, as in a file cut short.
    """
    for number, line in record_lines(path, whole=True):
        columns = line.split("\t")
        if len(columns) != 3:
            raise columns_error(path, number, len(columns), EXPECTED)
        for name, text in zip(("query", "positive", "negative"), columns, strict=True):
            if not text or text.isspace():
                raise InputError(path, number, f"empty {name}", EXPECTED)
        yield TextTriple(*columns)


def holds_texts(path: Path) -> bool:
    """Return whether a file of triples holds texts rather than ids.

    It holds ids where each column of its first 100 lines is a single word.

    Raises
    ------
    InputError
        If a line can't be read, or there is none.
    """
    lines = [line for _, line in islice(record_lines(path), LOOKED_AT)]
    if not lines:
        raise InputError(path, None, "no triples", "at least one line")
    return not all(is_id(column) for line in lines for column in line.split("\t"))
