"""Text files of pairs → a store, out of core."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.formats.scores import read_hits
from tasb_pyserini.formats.triples import read_triples
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.database import count_rows, load, open_database
from tasb_pyserini.training.pairs.forms import RUN_LINES, SCORE_LINES, TRIPLE_LINES
from tasb_pyserini.training.pairs.sorting import Source, sort_rows
from tasb_pyserini.training.pairs.writer import new_store


def import_scores(
    files: Sequence[Path],
    output: Path,
    *,
    known_qids: IdTable | None = None,
    known_docids: IdTable | None = None,
    threads: int = os.cpu_count() or 1,
    progress: bool = False,
) -> dict[str, Any]:
    """Make a store from teacher scores in the published form (see `read_scores`).

    Parameters
    ----------
    files
        The parts of one teacher's scores.
    output
        The folder to write.
    known_qids, known_docids
        Refuse ids that are not among these; None to take all.
    threads
        Most threads; no more than 4 are used (`database.MOST_THREADS`).
    progress
        Show bars on stderr.

    Returns
    -------
    dict[str, Any]
        What ``pairs.json`` says: the counts, and `repeated`: how many lines said
        exactly what another one says, and were left out.

    Raises
    ------
    InputError
        If a line is at fault, or names an unknown id.
    TasbError
        If `output` holds something else or cannot be written.
    """
    source = Source(files, SCORE_LINES, known_qids, known_docids)
    return _import(source, output, threads, progress=progress)


def import_triples(
    triples: Path,
    output: Path,
    *,
    known_qids: IdTable | None = None,
    known_docids: IdTable | None = None,
    threads: int = os.cpu_count() or 1,
    progress: bool = False,
) -> dict[str, Any]:
    """Make a store without scores from MS MARCO's qidpidtriples.

    Arguments, result and errors as in `import_scores`.
    """
    source = Source([triples], TRIPLE_LINES, known_qids, known_docids)
    return _import(source, output, threads, progress=progress)


def import_run(
    triples: Path,
    run: Path,
    output: Path,
    *,
    drop_unscored: bool = False,
    known_qids: IdTable | None = None,
    known_docids: IdTable | None = None,
    threads: int = os.cpu_count() or 1,
    progress: bool = False,
) -> dict[str, Any]:
    """Make a store of triples, with the scores that a teacher's TREC run gives.

    Other arguments, result and errors as in `import_scores`.

    Parameters
    ----------
    triples
        MS MARCO's qidpidtriples.
    run
        The scores; the order of its lines and its ranks don't matter.
    drop_unscored
        Leave out, and count as `unscored`, triples with a passage that the run has
        no score for.

    Raises
    ------
    InputError
        Also if the run lacks a score, or scores a passage twice for a query.
    """
    with (
        new_store(output, scored=True) as store,
        open_database(store.scratch, threads) as database,
    ):
        lines = load(
            database, "triples", triples, TRIPLE_LINES, store.scratch, progress=progress
        )
        load(database, "hits", run, RUN_LINES, store.scratch, progress=progress)
        _refuse_doubles(database, run)
        database.execute(
            """create temp view joined as
            select t.*, p.score as pos_score, n.score as neg_score from triples t
            left join hits p on p.qid = t.qid and p.docid = t.pos
            left join hits n on n.qid = t.qid and n.docid = t.neg"""
        )
        database.execute(
            """create temp table raw as select * from joined
            where pos_score is not null and neg_score is not null"""
        )
        unscored = lines - count_rows(database, "raw")
        if unscored and not drop_unscored:
            _refuse_unscored(database, triples, run)
        source = Source([triples], TRIPLE_LINES, known_qids, known_docids)
        sort_rows(database, store, source, progress=progress)
        sources = {"triples": str(triples), "run": str(run)}
        return store.finish({"sources": sources, "unscored": unscored})


def _import(
    source: Source, output: Path, threads: int, *, progress: bool
) -> dict[str, Any]:
    scored = source.form is SCORE_LINES
    with (
        new_store(output, scored=scored) as store,
        open_database(store.scratch, threads) as database,
    ):
        tables = [f"part{number}" for number in range(len(source.files))]
        for table, path in zip(tables, source.files, strict=True):
            load(database, table, path, source.form, store.scratch, progress=progress)
        parts = " union all ".join(f"from {table}" for table in tables)
        database.execute(f"create temp view raw as {parts}")
        sort_rows(database, store, source, progress=progress)
        kind = "scores" if scored else "triples"
        return store.finish({"sources": {kind: [str(path) for path in source.files]}})


def _refuse_doubles(database: Any, run: Path) -> None:
    """Raise an error at the line that scores a passage for the second time."""
    doubles = database.sql(
        """select qid, docid from hits group by all having count(*) > 1
        order by all limit 1"""
    ).fetchall()
    if not doubles:
        return
    qid, docid = doubles[0]
    hits = (hit[:2] for hit in read_hits(run))
    lines = [line for line, hit in enumerate(hits, start=1) if hit == (qid, docid)]
    problem = f"docid {docid} again for query {qid}"
    raise InputError(run, lines[1], problem, "each docid once a query")


def _refuse_unscored(database: Any, triples: Path, run: Path) -> None:
    """Raise an error at the first line of a triple that lacks a score."""
    rows = database.sql(
        """select qid, pos, neg, pos_score from joined
        where pos_score is null or neg_score is null order by all limit 1"""
    ).fetchall()
    qid, pos, neg, pos_score = rows[0]
    triple = Triple(qid, pos, neg)
    lines = (n for n, row in enumerate(read_triples(triples), 1) if row == triple)
    docid = triple.pos if pos_score is None else triple.neg
    raise InputError(
        triples,
        next(lines),
        f"no score of passage {docid} for query {triple.qid} in {run}",
        "a score of every passage",
        "score the pairs, or leave such triples out with --drop-unscored",
    )
