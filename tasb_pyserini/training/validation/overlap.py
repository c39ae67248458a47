"""Queries that are test queries too, and so must not be used before the test."""

from collections.abc import Collection, Mapping
from pathlib import Path

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import Topics


def find_overlap(
    qids: Collection[str], topics: Topics, tests: Mapping[str, Topics]
) -> dict[str, str]:
    """Return the queries whose qid or text is in a test set.

    The published model was validated on queries 'distinct from the DEV-7K and TREC
    evaluation sets' (TAS-B paper, §4.3). Texts are the same where they are equal after
    white space is collapsed and case is folded.

    Parameters
    ----------
    qids
        Those of `topics` that are asked about.
    topics
        The queries.
    tests
        Name → queries of a test set.

    Returns
    -------
    dict of str to str
        qid → what is the same, in the order of the topics.

    Examples
    --------
    >>> topics = {"1": "dense", "2": "sea", "3": "Copy  a tree"}
    >>> find_overlap(topics, topics, {"dl19": {"2": "ocean", "9": "copy a tree"}})
    {'2': 'query 2 is in dl19', '3': 'query 3 has the text of 9 in dl19'}
    """
    wanted = set(qids)
    known = {
        test: (set(queries), {_folded(text): qid for qid, text in queries.items()})
        for test, queries in tests.items()
    }
    found: dict[str, str] = {}
    for qid, text in topics.items():
        if qid not in wanted:
            continue
        for test, (test_qids, texts) in known.items():
            if qid in test_qids:
                found[qid] = f"query {qid} is in {test}"
                break
            if (same := texts.get(_folded(text))) is not None:
                found[qid] = f"query {qid} has the text of {same} in {test}"
                break
    return found


def refuse_overlap(
    qids: Collection[str], topics: Topics, name: str, tests: Mapping[str, Topics]
) -> None:
    """Refuse queries that are in a test set.

    Parameters
    ----------
    qids, topics, tests
        As of `find_overlap`.
    name
        Of `topics`, as the user gave it: a file, or a name that Pyserini knows.

    Raises
    ------
    InputError
        At the first query that a test set holds.
    """
    found = find_overlap(qids, topics, tests)
    if not found:
        return
    (qid, first), others = next(iter(found.items())), len(found) - 1
    # A topics file has one query a line, and no empty lines before its end.
    line = list(topics).index(qid) + 1 if Path(name).is_file() else None
    problem = f"{first}, and {others} more overlap" if others else first
    expected = "no query that a model is tested on"
    remedy = "leave such queries out of the topics"
    raise InputError(Path(name), line, problem, expected, remedy)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
