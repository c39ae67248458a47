"""Questions about the standard library, and the passages that answer them.

Written for this project, in the words of somebody who doesn't know the name. An answer
is a passage whose own text answers the question, and that every Python from 3.11 has.
"""

from importlib.resources import as_file, files

from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Qrels, Topics
from tasb_pyserini.formats.topics import read_topics


def read_questions() -> Topics:
    """Return the questions, by qid."""
    with as_file(files(__package__) / "questions.tsv") as path:
        return read_topics(path)


def read_answers() -> Qrels:
    """Return the docids that answer each question, with grade 1."""
    with as_file(files(__package__) / "answers.txt") as path:
        return read_qrels(path)
