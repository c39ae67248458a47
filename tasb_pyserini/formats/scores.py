"""Teacher scores of training triples, in the form in which they were published.

Zenodo 4068216 (Hofstätter et al., "Improving Efficient Neural Ranking Models with
Cross-Architecture Knowledge Distillation", 2020) holds about 40 million lines of five
columns: pos_score, neg_score, qid, pos, neg.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, columns_error
from tasb_pyserini.formats.lines import record_lines
from tasb_pyserini.formats.records import ScoredTriple, is_id
from tasb_pyserini.formats.runs import numbered_hits

EXPECTED = "five: pos_score<TAB>neg_score<TAB>qid<TAB>pos<TAB>neg"
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
"""What counts as a score; a regular expression that Python and RE2 both read."""
LARGEST = 3.4028234663852886e38
"""The largest number in single precision."""

_is_number = re.compile(NUMBER).fullmatch


def read_scores(path: Path) -> Iterator[ScoredTriple]:
    """Yield scored triples, one in memory at a time.

    Parameters
    ----------
    path
        Five columns parted by tabs: pos_score, neg_score, qid, pos, neg; may be
        compressed (``.gz``). Record i, counted from 1, stands on line i.

    Raises
    ------
    InputError
        If a line has other columns, a score is not a finite number within single
        precision, an id is not one word, the last line has no line end, or there is
        no line.
    """
    number = 0
    for number, line in record_lines(path, whole=True):
        columns = line.split("\t")
        if len(columns) != 5:
            raise columns_error(path, number, len(columns), EXPECTED)
        pos_score, neg_score, *names = columns
        for name in names:
            if not is_id(name):
                raise InputError(path, number, f"id {name!r}", "an id: one word")
        qid, pos, neg = names
        yield ScoredTriple(
            qid,
            pos,
            neg,
            parse_score(path, number, pos_score),
            parse_score(path, number, neg_score),
        )
    if not number:
        raise InputError(path, None, "no lines", EXPECTED)


def read_hits(path: Path) -> Iterator[tuple[str, str, float]]:
    """Yield ``(qid, docid, score)`` of a TREC run, one in memory at a time.

    Parameters
    ----------
    path
        Six columns parted by white space: qid, Q0, docid, rank, score, tag; may be
        compressed (``.gz``). Hit i, counted from 1, stands on line i.

    Raises
    ------
    InputError
        If a line has other columns, or its score is not a finite number within single
        precision.
    """
    for number, qid, docid, text in numbered_hits(path):
        yield qid, docid, parse_score(path, number, text)


def parse_score(path: Path, number: int, text: str) -> float:
    """Return the score that `text` writes.

    Raises
    ------
    InputError
        If it is not a finite number within single precision.

    Examples
    --------
    >>> parse_score(Path("scores.tsv"), 1, "-5.25")
    -5.25
    """
    score = float(text) if _is_number(text) else math.nan
    if not abs(score) <= LARGEST:
        raise InputError(
            path, number, f"score {text!r}", "a finite number, single precision"
        )
    return score
