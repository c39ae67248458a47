"""Qrels: which passages are relevant to which queries."""

import re
from collections.abc import Iterator
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, columns_error
from tasb_pyserini.formats.lines import record_lines, words_of
from tasb_pyserini.formats.records import Qrels, Topics

BEIR_HEADER = ["query-id", "corpus-id", "score"]

# Grades are small; a longer number is a docid in the wrong column.
GRADE = re.compile(r"-?[0-9]{1,4}")


def read_qrels(path: Path) -> Qrels:
    """Return the judgments of a qrels file, in file order.

    Parameters
    ----------
    path
        TREC's four columns (qid, unused, docid, grade) parted by white space, or
        BEIR's three after their header line; either may be compressed (``.gz``).

    Raises
    ------
    InputError
        If a line has other columns, a grade is not a whole number, a pair is judged
        twice (it would count twice in an ideal ranking), or there is no judgment.
    """
    qrels: Qrels = {}
    for number, qid, docid, grade in numbered_judgments(path):
        grades = qrels.setdefault(qid, {})
        if docid in grades:
            problem = f"qid {qid}, docid {docid} judged again ({grade}, {grades[docid]}"
            raise InputError(
                path, number, f"{problem} before)", "each pair once", "remove one line"
            )
        grades[docid] = grade
    if not qrels:
        raise InputError(path, None, "no judgments", "at least one line")
    return qrels


def check_qids(path: Path, qrels: Qrels, topics: Topics) -> None:
    """Check that every query of a qrels file is a topic.

    Parameters
    ----------
    path
        The file; it is read again only to name a line.
    qrels
        What it holds.
    topics
        The queries that there are.

    Raises
    ------
    InputError
        At the first judgment of an unknown query.
    """
    unknown = next((qid for qid in qrels if qid not in topics), None)
    if unknown is None:
        return
    lines = (number for number, qid, _, _ in numbered_judgments(path) if qid == unknown)
    raise InputError(
        path,
        next(lines, None),
        f"unknown query {unknown}",
        f"one of the {len(topics)} topics",
        "give the qrels and topics of the same collection",
    )


def numbered_judgments(path: Path) -> Iterator[tuple[int, str, str, int]]:
    """Yield ``(line number, qid, docid, grade)``; see `read_qrels`."""
    width, expected = 4, "four columns: qid 0 docid grade"
    for number, line in record_lines(path):
        columns = words_of(path, number, line)
        if number == 1 and columns == BEIR_HEADER:
            width, expected = 3, "three columns: qid<TAB>docid<TAB>grade"
            continue
        if len(columns) != width:
            raise columns_error(path, number, len(columns), expected)
        if not GRADE.fullmatch(columns[-1]):
            problem = f"grade {columns[-1]!r}"
            raise InputError(path, number, problem, "a small whole number")
        yield number, columns[0], columns[-2], int(columns[-1])
