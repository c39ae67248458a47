"""Topics: the queries of a test collection."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, columns_error
from tasb_pyserini.formats.jsonl import parse_object, take_id, take_text
from tasb_pyserini.formats.lines import record_lines
from tasb_pyserini.formats.records import Topics, is_id


def read_topics(path: Path) -> Topics:
    """Return the queries of a topics file, in file order.

    White space around a query is left out, as by Anserini's readers: encoded queries
    are looked up by their text.

    Parameters
    ----------
    path
        BEIR's objects with ``_id`` and ``text`` where the name ends in ``.jsonl``,
        else ``qid<TAB>query`` lines; either may be compressed (``.gz``).

    Raises
    ------
    InputError
        If a line has no id or no query, a qid comes twice, or there is no line.
    """
    parse = _parse_json if path.name.endswith((".jsonl", ".jsonl.gz")) else _parse_tsv
    topics: Topics = {}
    lines: dict[str, int] = {}
    for number, line in record_lines(path):
        qid, query = parse(path, number, line)
        query = query.strip()
        if not query:
            raise InputError(path, number, f"empty query {qid}", "some text")
        if qid in topics:
            problem = f"qid {qid} again, first on line {lines[qid]}"
            raise InputError(path, number, problem, "each qid once")
        topics[qid] = query
        lines[qid] = number
    if not topics:
        raise InputError(path, None, "no queries", "at least one line")
    return topics


def _parse_json(path: Path, number: int, line: str) -> tuple[str, str]:
    record = parse_object(path, number, line)
    qid = take_id(path, number, record, ("_id", "id"))
    return qid, take_text(path, number, record, ("text",))


def _parse_tsv(path: Path, number: int, line: str) -> tuple[str, str]:
    columns = line.split("\t")
    if len(columns) != 2:
        raise columns_error(path, number, len(columns), "two: qid<TAB>query")
    qid, query = columns
    if not is_id(qid):
        problem = f"qid {qid!r}" if qid.strip() else "missing qid"
        raise InputError(path, number, problem, "a qid without white space")
    return qid, query


def topic_blocks(topics: Topics, size: int) -> Iterator[Topics]:
    """Yield the topics in their order, at most `size` at a time.

    Examples
    --------
    >>> list(topic_blocks({"1": "a", "2": "b", "3": "c"}, 2))
    [{'1': 'a', '2': 'b'}, {'3': 'c'}]
    """
    rest = iter(topics.items())
    while block := dict(islice(rest, size)):
        yield block
