"""Runs: ranked results in TREC's format."""

import math
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import chain, groupby, islice, pairwise
from operator import ge, itemgetter, methodcaller
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, TasbError, columns_error
from tasb_pyserini.formats.lines import record_lines, words_of
from tasb_pyserini.formats.numbers import parse_finite
from tasb_pyserini.formats.records import Run, are_ids, is_id
from tasb_pyserini.formats.replace import replace_file


def ranked(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return ``(docid, score)`` pairs, best first, in the order of trec_eval.

    Scores are compared in single precision, as by trec_eval up to version 9 and
    pytrec_eval; ties go to the docid that sorts last by its UTF-8 bytes. The scores
    returned are those given.

    Examples
    --------
    >>> ranked({"a": 1.0, "b": 2.0, "c": 1.0})
    [('b', 2.0), ('c', 1.0), ('a', 1.0)]
    """
    single = array("f", scores.values())
    best_first = sorted(zip(single, scores, scores.values(), strict=True), reverse=True)
    return [(docid, score) for _, docid, score in best_first]


def read_run(path: Path) -> Run:
    """Return a run, each query's hits in the order of trec_eval (see `ranked`).

    Parameters
    ----------
    path
        Six columns parted by white space: qid, Q0, docid, rank, score, tag. As in
        trec_eval the order comes from the scores, never from the ranks. May be
        compressed (``.gz``).

    Raises
    ------
    InputError
        If a line has other columns, a score is not a finite number, or a docid comes
        twice for a query.
    """
    run: Run = {}
    for number, qid, docid, text in numbered_hits(path):
        score = _parse_score(path, number, text)
        _add(run.setdefault(qid, {}), path, number, qid, docid, score)
    return {qid: dict(ranked(hits)) for qid, hits in run.items()}


def read_best_hits(path: Path, qids: Container[str], depth: int) -> Run:
    """Return the best hits of some queries, as `read_run` does those of all.

    No more than these are in memory, and the hits of the query that is being read. Only
    a file in which the hits of a query stand in two places is read as a whole.

    Parameters
    ----------
    path
        As of `read_run`.
    qids
        Queries that are asked for.
    depth
        Most hits of a query.

    Raises
    ------
    InputError
        As `read_run`, at a line of any query.
    """
    best: Run = {}
    known: set[str] = set()
    for qid, lines in groupby(numbered_hits(path), itemgetter(1)):
        if qid in known:
            run = read_run(path)
            return {
                qid: dict(islice(hits.items(), depth))
                for qid, hits in run.items()
                if qid in qids
            }
        known.add(qid)
        hits: dict[str, float] = {}
        for number, _, docid, text in lines:
            _add(hits, path, number, qid, docid, _parse_score(path, number, text))
        if qid in qids:
            best[qid] = dict(ranked(hits)[:depth])
    return best


def numbered_hits(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """Yield line number, qid, docid and score, as it is written, of each line.

    Raises
    ------
    InputError
        If a line has other columns.
    """
    for number, line in record_lines(path):
        columns = words_of(path, number, line)
        if len(columns) != 6:
            raise columns_error(
                path, number, len(columns), "six: qid Q0 docid rank score tag"
            )
        yield number, columns[0], columns[2], columns[4]


def _add(
    hits: dict[str, float], path: Path, number: int, qid: str, docid: str, score: float
) -> None:
    if docid in hits:
        problem = f"docid {docid} again for query {qid}"
        raise InputError(path, number, problem, "each docid once a query")
    hits[docid] = score


def write_run(path: Path, run: Run, tag: str, decimals: int = 6) -> None:
    """Write a run atomically, with ranks from 1; see `write_runs`."""
    write_runs(path, [run], tag, decimals)


def write_runs(path: Path, runs: Iterable[Run], tag: str, decimals: int = 6) -> None:
    """Write runs of different queries, one behind the other, as one, atomically.

    No more than one of them is in memory where an iterator finds them as it is asked.

    Scores are rounded to single precision first. Then two that differ on paper differ
    in single precision too, so that every version of trec_eval, and `read_run`, finds
    the order in which the lines stand. A query without hits leaves no line.

    Parameters
    ----------
    tag
        What made the run; one word.
    decimals
        Of the scores.

    Raises
    ------
    TasbError
        If the tag or a docid has white space, a score is not finite, or the file
        cannot be written.
    """
    if not is_id(tag):
        raise TasbError(f"run tag {tag!r}: expected one word without white space")
    with replace_file(path) as file:
        for qid, hits in chain.from_iterable(map(methodcaller("items"), runs)):
            _check_hits(qid, hits)
            file.writelines(
                f"{qid} Q0 {docid} {rank} {text} {tag}\n"
                for rank, (docid, text) in enumerate(_printed(hits, decimals), start=1)
            )


def _printed(hits: Mapping[str, float], decimals: int) -> list[tuple[str, str]]:
    """Return docids and scores as they stand on paper, in the order of what stands."""
    single = array("f", hits.values())
    texts = [f"{s:.{decimals}f}" for s in single]
    printed = list(zip(hits, texts, strict=True))
    minus_zero = f"{-0.0:.{decimals}f}"  # equals what reads otherwise
    if (
        minus_zero not in texts
        and all(map(ge, single, single[1:]))
        and all(
            text != next_text or docid > next_docid
            for (docid, text), (next_docid, next_text) in pairwise(printed)
        )
    ):
        return printed
    text_of = dict(printed)
    numbers = {docid: float(text) for docid, text in printed}
    return [(docid, text_of[docid]) for docid, _ in ranked(numbers)]


def needed_decimals(run: Run) -> int:
    """Return 12 where a score is nearer to 0 than .01 without being 0, else 6.

    Reciprocal ranks and log-probabilities become equal with 6 decimals.

    Examples
    --------
    >>> needed_decimals({"1": {"a": 9.5, "b": 0.0}})
    6
    >>> needed_decimals({"1": {"a": -0.0001}})
    12
    """
    scores = chain.from_iterable(hits.values() for hits in run.values())
    return 12 if any(0 < abs(score) < 0.01 for score in scores) else 6


def _check_hits(qid: str, hits: Mapping[str, float]) -> None:
    if not are_ids([qid, *hits]):
        name = next(name for name in (qid, *hits) if not is_id(name))
        raise TasbError(f"id {name!r} of query {qid}: expected one word in a run")
    if not all(map(math.isfinite, array("f", hits.values()))):
        docid = next(d for d in hits if not math.isfinite(array("f", [hits[d]])[0]))
        raise TasbError(
            f"score {hits[docid]} of docid {docid} for query {qid}: expected a number "
            "within single precision; look for NaN in the vectors"
        )


def _parse_score(path: Path, number: int, text: str) -> float:
    score = parse_finite(text)
    if math.isnan(score):
        raise InputError(path, number, f"score {text!r}", "a finite number")
    return score
