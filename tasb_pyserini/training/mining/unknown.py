"""Where an id that no collection has was named."""

from pathlib import Path

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.lines import record_lines
from tasb_pyserini.formats.qrels import numbered_judgments


def unknown_passage(
    docid: str, collection: Path, qrels: Path, relevance_level: int, hits: Path
) -> TasbError:
    """Return the error for a docid that the collection lacks.

    Parameters
    ----------
    docid
        The id.
    collection
        What lacks it.
    qrels, relevance_level
        Where it may stand as a positive; its line is named.
    hits
        The run in which it stands otherwise; its line is named. Of an index the name.
    """
    expected = f"one of {collection}"
    remedy = "give the collection of the qrels and the run"
    problem = f"unknown docid {docid!r}"
    if qrels.is_file():  # a pipe gives its lines once
        for number, _, name, grade in numbered_judgments(qrels):
            if name == docid and grade >= relevance_level:
                return InputError(qrels, number, problem, expected, remedy)
    if hits.is_file():
        for number, line in record_lines(hits):
            if line.split()[2] == docid:
                return InputError(hits, number, problem, expected, remedy)
    return InputError(hits, None, problem, expected, remedy)
