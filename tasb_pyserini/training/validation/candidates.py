"""A validation set on disk: queries, and the passages to rank for each of them.

The folder holds ``candidates.tsv`` (qid, docid), ``topics.tsv``, ``qrels.txt`` and
``validation.json``: how many there are, and how they were made.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasb_pyserini.formats.errors import InputError, TasbError, columns_error
from tasb_pyserini.formats.json_file import read_object, write_object
from tasb_pyserini.formats.lines import record_lines
from tasb_pyserini.formats.outputs import refuse_to_replace
from tasb_pyserini.formats.qrels import check_qids, numbered_judgments, read_qrels
from tasb_pyserini.formats.records import Qrels, Topics, is_id
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.formats.topics import read_topics

CANDIDATES, TOPICS, QRELS, DESCRIPTION = (
    "candidates.tsv",
    "topics.tsv",
    "qrels.txt",
    "validation.json",
)
REMEDY = "make the folder again"

ONE_LINE = str.maketrans("\t\n\r", "   ")
"""What a query's text can't hold in a TSV file; BERT's tokenizers see spaces too."""


@dataclass(frozen=True, slots=True)
class Validation:
    """Queries, and the passages that a model has to rank for each of them.

    Parameters
    ----------
    topics
        The queries.
    candidates
        qid → docids: a baseline's best, and behind them the positives it missed.
    qrels
        Judgments of these queries; every positive is a candidate.
    about
        What ``validation.json`` says beside the counts: how the set was made.
    folder
        Where it was read from; None where it was made just now.
    """

    topics: Topics
    candidates: dict[str, list[str]]
    qrels: Qrels
    about: dict[str, Any]
    folder: Path | None = None


def check_validation_folder(folder: Path) -> None:
    """Refuse a folder that a validation set must not take the place of.

    Raises
    ------
    TasbError
        If it holds other files than those of a validation set.
    """
    refuse_to_replace(
        folder,
        lambda there: (there / DESCRIPTION).is_file(),
        DESCRIPTION,
        "a validation set",
    )


def write_validation(folder: Path, validation: Validation) -> None:
    """Write a validation set, whole or not at all, in place of the one there.

    Raises
    ------
    TasbError
        If an id is not one word, or the folder holds other files or can't be written.
    """
    check_validation_folder(folder)
    names = [
        *validation.topics,
        *(name for docids in validation.candidates.values() for name in docids),
        *(name for grades in validation.qrels.values() for name in grades),
    ]
    if (bad := next((name for name in names if not is_id(name)), None)) is not None:
        raise TasbError(f"{folder}: id {bad!r}; expected one word")
    about = _counts(validation.candidates) | validation.about
    with replace_folder(folder) as temporary:
        _write_lines(temporary / CANDIDATES, _pairs(validation.candidates))
        _write_lines(
            temporary / TOPICS,
            (
                f"{q}\t{text.translate(ONE_LINE)}"
                for q, text in validation.topics.items()
            ),
        )
        _write_lines(
            temporary / QRELS,
            (
                f"{qid} 0 {docid} {grade}"
                for qid, grades in validation.qrels.items()
                for docid, grade in grades.items()
            ),
        )
        write_object(temporary / DESCRIPTION, about)


def read_validation(folder: Path) -> Validation:
    """Read and check what :func:`write_validation` wrote.

    Raises
    ------
    InputError
        If a line is bad or names an unknown query, a candidate comes twice, a query
        has no candidates or no positives, a positive is not among the candidates, or
        there are fewer lines than there were.
    TasbError
        If a file is not there.
    """
    about = read_object(folder / DESCRIPTION, "what tasb make-validation wrote", REMEDY)
    topics = read_topics(folder / TOPICS)
    candidates = _read_candidates(folder / CANDIDATES, topics)
    qrels = read_qrels(folder / QRELS)
    check_qids(folder / QRELS, qrels, topics)
    _check_queries(folder, topics, candidates, qrels)
    found = _counts(candidates)
    written = {key: about.pop(key, None) for key in found}
    if found != written:
        problem, expected = (
            f"{counts['queries']} queries, {counts['candidates']} candidates"
            for counts in (found, written)
        )
        raise InputError(folder / CANDIDATES, None, problem, expected, REMEDY)
    return Validation(topics, candidates, qrels, about, folder)


def unknown_docid(validation: Validation, docid: str, others: int) -> TasbError:
    """Return the error for a candidate that the collection lacks.

    Parameters
    ----------
    validation
        Where it stands; its line is named, if there is a file.
    docid
        The first such candidate.
    others
        How many more there are.
    """
    problem = f"unknown docid {docid!r} and {others} more"
    expected = "passages of the collection"
    remedy = "give the collection of the baseline's run"
    if validation.folder is None:
        return TasbError(f"{problem}; expected {expected}; {remedy}")
    path = validation.folder / CANDIDATES
    lines = (number for number, _, name in numbered_candidates(path) if name == docid)
    return InputError(path, next(lines, None), problem, expected, remedy)


def numbered_candidates(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield ``(line number, qid, docid)`` of a file of candidates.

    Raises
    ------
    InputError
        If a line has other columns, or the last one no line end.
    """
    for number, line in record_lines(path, whole=True):
        columns = line.split("\t")
        if len(columns) != 2:
            raise columns_error(path, number, len(columns), "two: qid<TAB>docid")
        qid, docid = columns
        for name in columns:
            if not is_id(name):
                raise InputError(path, number, f"id {name!r}", "one word")
        yield number, qid, docid


def _read_candidates(path: Path, topics: Topics) -> dict[str, list[str]]:
    candidates: dict[str, dict[str, None]] = {}
    for number, qid, docid in numbered_candidates(path):
        if qid not in topics:
            expected = f"one of the {len(topics)} topics"
            problem = f"unknown query {qid}"
            raise InputError(path, number, problem, expected, REMEDY)
        docids = candidates.setdefault(qid, {})
        if docid in docids:
            problem = f"docid {docid} again for query {qid}"
            raise InputError(path, number, problem, "each docid once a query", REMEDY)
        docids[docid] = None
    return {qid: list(docids) for qid, docids in candidates.items()}


def _check_queries(
    folder: Path, topics: Topics, candidates: dict[str, list[str]], qrels: Qrels
) -> None:
    """Refuse a query that could not be measured."""
    for line, qid in enumerate(topics, start=1):  # a topics file has no empty lines
        for lacking, there in (
            ("candidates", qid in candidates),
            ("positives", positives_of(qrels, qid)),
        ):
            if not there:
                problem, expected = f"query {qid} has no {lacking}", "at least one"
                raise InputError(folder / TOPICS, line, problem, expected, REMEDY)
    own = {qid: set(docids) for qid, docids in candidates.items()}
    for line, qid, docid, grade in numbered_judgments(folder / QRELS):
        if grade >= 1 and docid not in own[qid]:
            problem = f"positive {docid} of query {qid}"
            expected = f"all positives in {CANDIDATES}"
            raise InputError(folder / QRELS, line, problem, expected, REMEDY)


def positives_of(qrels: Qrels, qid: str) -> list[str]:
    """Return the passages that are relevant to a query, in the order of the qrels."""
    return [docid for docid, grade in qrels.get(qid, {}).items() if grade >= 1]


def _counts(candidates: dict[str, list[str]]) -> dict[str, Any]:
    total = sum(map(len, candidates.values()))
    return {"queries": len(candidates), "candidates": total}


def _pairs(candidates: dict[str, list[str]]) -> Iterator[str]:
    for qid, docids in candidates.items():
        yield from (f"{qid}\t{docid}" for docid in docids)


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
