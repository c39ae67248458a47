"""Test queries in training files: found by id and by text, and refused."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.files import record_lines
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.formats.topics import read_topics


def normalised(text: str) -> str:
    """Return a query without what no model or analyzer should hang on.

    Case, punctuation and white space are gone.

    Examples
    --------
    >>> normalised("What is  a Lobster-roll?") == normalised("what is a lobster roll")
    True
    """
    letters = "".join(c if c.isalnum() else " " for c in text.casefold())
    return " ".join(letters.split()) or text.strip()


def find_leaks(
    topics: Topics, tests: Mapping[str, Topics], same_ids: Iterable[str]
) -> dict[str, str]:
    """Return the training queries that are test queries, and why.

    Parameters
    ----------
    topics
        Training queries.
    tests
        Name → queries of a test set.
    same_ids
        Test sets whose qids mean the same as those of `topics`; others may have the
        same number for another query.

    Examples
    --------
    >>> find_leaks({"7": "dogs", "8": "a cat"}, {"test": {"8": "x", "9": "Dogs."}}, [])
    {'7': "has the text of 9 in test: 'dogs'"}
    """
    texts = {
        normalised(text): f"{qid} in {test}"
        for test, queries in tests.items()
        for qid, text in queries.items()
    }
    ids = {qid: test for test in same_ids for qid in tests[test]}
    found = {}
    for qid, text in topics.items():
        if qid in ids:
            found[qid] = f"is a query of {ids[qid]}"
        elif (same := texts.get(normalised(text))) is not None:
            found[qid] = f"has the text of {same}: {text!r}"
    return found


def refuse_leaks(
    path: Path, tests: Mapping[str, Topics], same_ids: Iterable[str]
) -> None:
    """Refuse a file of training queries with a test query in it.

    Raises
    ------
    InputError
        At the first.
    """
    found = find_leaks(read_topics(path), tests, same_ids)
    if found:
        qid, why = next(iter(found.items()))
        problem = f"query {qid} {why}, one of {len(found)}"
        expected = "no query that a model is tested on"
        raise InputError(path, None, problem, expected, "leave these queries out")


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
