"""Validation queries that are test queries, and so must not be used."""

from collections.abc import Collection, Mapping
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import Topics


def refuse_overlap(
    qids: Collection[str], topics: Topics, name: str, tests: Mapping[str, Topics]
) -> None:
    """Refuse validation queries whose qid or text is in a test set.

    The published model was validated on queries 'distinct from the DEV-7K and TREC
    evaluation sets' (TAS-B paper, §4.3). Texts are the same where they are equal after
    white space is collapsed and case is folded.

    Parameters
    ----------
    qids
        Those of `topics` that validation could use.
    topics
        The queries.
    name
        Of `topics`, as the user gave it: a file, or a name that Pyserini knows.
    tests
        Name → queries of a test set.

    Raises
    ------
    InputError
        At the first query that a test set holds.
    """
    wanted = set(qids)
    known = {
        test: (set(queries), {_folded(text): qid for qid, text in queries.items()})
        for test, queries in tests.items()
    }
    found: list[tuple[int, str]] = []
    # A topics file has one query a line, and no empty lines before its end.
    for line, (qid, text) in enumerate(topics.items(), start=1):
        if qid not in wanted:
            continue
        for test, (test_qids, texts) in known.items():
            if qid in test_qids:
                found.append((line, f"query {qid} is in {test}"))
                break
            if (same := texts.get(_folded(text))) is not None:
                found.append((line, f"query {qid} has the text of {same} in {test}"))
                break
    if found:
        raise _overlap_error(name, found)


def _overlap_error(name: str, found: list[tuple[int, str]]) -> TasbError:
    (line, first), others = found[0], len(found) - 1
    where = line if Path(name).is_file() else None
    problem = f"{first}, and {others} more overlap" if others else first
    expected = "no query that a model is tested on"
    remedy = "leave such queries out of the topics"
    return InputError(Path(name), where, problem, expected, remedy)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
