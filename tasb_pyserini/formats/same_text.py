"""Which texts are the same, and which queries are test queries."""

from collections.abc import Collection, Mapping
from hashlib import blake2b
from pathlib import Path
from unicodedata import category

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import Topics


def collapse(text: str) -> str:
    """Return a text with its white space collapsed.

    Examples
    --------
    >>> collapse(" two  words ")
    'two words'
    """
    return " ".join(text.split())


def fold(text: str) -> str:
    """Return a text with its white space collapsed and its case folded.

    Examples
    --------
    >>> fold("Dogs  BARK.")
    'dogs bark.'
    """
    return collapse(text).casefold()


def fold_query(text: str) -> str:
    """Return a query without what no model or analyzer should hang on.

    White space, case and punctuation are gone, but for a query of nothing else.

    Examples
    --------
    >>> fold_query("What is  a Lobster-roll?")
    'what is a lobster roll'
    >>> fold_query("?!")
    '?!'
    """
    folded = fold(text)
    letters = "".join(c if _is_of_a_word(c) else " " for c in folded)
    return collapse(letters) or folded


def _is_of_a_word(character: str) -> bool:
    # Vowels of Hindi and Thai are marks, category M.
    return character.isalnum() or category(character).startswith("M")


def digest(text: str, size: int = 16) -> bytes:
    """Return `size` bytes that tell a text from others.

    Two given texts that differ share 8 bytes with a probability of 5e-20.
    """
    return blake2b(text.encode(), digest_size=size).digest()


def find_overlap(
    queries: Topics,
    tests: Mapping[str, Topics],
    same_ids: Collection[str] | None = None,
) -> dict[str, str]:
    """Return the queries that are test queries too, by qid or by text.

    The published model was validated on queries 'distinct from the DEV-7K and TREC
    evaluation sets' (TAS-B paper, §4.3). Texts are the same where `fold_query` makes
    the same of them.

    Parameters
    ----------
    queries
        Those that must not be test queries.
    tests
        Name → queries of a test set.
    same_ids
        Test sets whose qids mean the same as those of `queries`; others may have the
        same number for another query. Default: all.

    Returns
    -------
    dict of str to str
        qid → what is the same, in the order of `queries`.

    Examples
    --------
    >>> queries = {"1": "dense", "2": "sea", "3": "Copy  a tree?"}
    >>> tests = {"dl19": {"2": "ocean", "9": "copy a tree"}}
    >>> find_overlap(queries, tests)
    {'2': 'query 2 is in dl19', '3': 'query 3 has the text of 9 in dl19'}
    >>> find_overlap(queries, tests, same_ids=[])
    {'3': 'query 3 has the text of 9 in dl19'}
    """
    ids = {
        qid: test
        for test in (tests if same_ids is None else same_ids)
        for qid in tests[test]
    }
    texts = {
        fold_query(text): f"{qid} in {test}"
        for test, known in tests.items()
        for qid, text in known.items()
    }
    found: dict[str, str] = {}
    for qid, text in queries.items():
        if qid in ids:
            found[qid] = f"query {qid} is in {ids[qid]}"
        elif (same := texts.get(fold_query(text))) is not None:
            found[qid] = f"query {qid} has the text of {same}"
    return found


def refuse_overlap(
    found: Mapping[str, str], topics: Collection[str], name: str
) -> None:
    """Refuse queries that are test queries.

    Parameters
    ----------
    found
        From `find_overlap`.
    topics
        The qids of all the topics that they are of, in file order.
    name
        Of the topics, as the user gave it: a file, or a name that Pyserini knows.

    Raises
    ------
    InputError
        At the first query that a test set holds.
    """
    if not found:
        return
    (qid, first), others = next(iter(found.items())), len(found) - 1
    # A topics file has one query a line, and no empty lines before its end.
    line = list(topics).index(qid) + 1 if Path(name).is_file() else None
    problem = f"{first}, and {others} more overlap" if others else first
    expected = "no query that a model is tested on"
    remedy = "leave such queries out of the topics"
    raise InputError(Path(name), line, problem, expected, remedy)
