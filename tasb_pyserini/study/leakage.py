"""Triples of queries in which no test query was looked for."""

from pathlib import Path

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.lines import record_lines
from tasb_pyserini.formats.records import Topics


def refuse_strangers(path: Path, topics: Topics) -> None:
    """Refuse triples about queries that are not the checked training queries.

    Raises
    ------
    InputError
        At the first line.
    """
    for number, line in record_lines(path):
        qid = line.split("\t", 1)[0]
        if qid not in topics:
            problem = f"query {qid}"
            raise InputError(path, number, problem, "one of the training queries")
