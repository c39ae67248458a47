"""Rows of ids in a database → numbered ids and sorted columns in a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import are_ids
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.database import (
    Form,
    count_rows,
    counter,
    names_of,
    watched,
)
from tasb_pyserini.training.pairs.store import DOCIDS, QIDS, SCORES
from tasb_pyserini.training.pairs.writer import StoreWriter

ROWS_AT_ONCE = 1_000_000
UNKNOWN_AT_ONCE = 100_000
"""How many unknown ids are looked for in the files, to name the line of one."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from, and which ids they may name.

    Parameters
    ----------
    files
        The files that name the ids.
    form
        Their form, with columns qid, pos and neg.
    known_qids, known_docids
        The ids that there are; None where any will do.
    """

    files: Sequence[Path]
    form: Form
    known_qids: IdTable | None = None
    known_docids: IdTable | None = None


def sort_rows(
    database: Any, store: StoreWriter, source: Source, *, progress: bool
) -> None:
    """Write the ids of the table `raw` and its rows, sorted, to `store`.

    Parameters
    ----------
    database
        Holds `raw`: qid, pos, neg and, where the store is scored, pos_score and
        neg_score.
    store
        Takes the rows.
    source
        What `raw` was made from, to name lines at fault.
    progress
        Show bars on stderr.

    Raises
    ------
    InputError
        If an id is not one word, or not known.
    """
    database.execute(
        """create temp table queries as
        select qid, (row_number() over (order by qid) - 1)::int as n
        from (select distinct qid from raw)"""
    )
    database.execute(
        """create temp table passages as
        select docid, (row_number() over (order by docid) - 1)::int as n
        from (select pos as docid from raw union select neg from raw)"""
    )
    for column, table, name, known in (
        ("qid", "queries", QIDS, source.known_qids),
        ("docid", "passages", DOCIDS, source.known_docids),
    ):
        path = store.folder / name
        query = f"select {column} from {table} order by n"
        if not _write_words(path, database, query):
            _refuse_line(source)
        if known is not None:
            _check_known(IdTable.open(path), known, column, source)
    _write_rows(database, store, progress=progress)


def _write_rows(database: Any, store: StoreWriter, *, progress: bool) -> None:
    scores = "".join(f", {name}" for name in SCORES) if store.scored else ""
    margin = "pos_score::double - neg_score::double, " if store.scored else ""
    query = f"""
        select q.n as qid, p.n as pos, n.n as neg{scores} from raw
        join queries q using (qid)
        join passages p on p.docid = raw.pos
        join passages n on n.docid = raw.neg
        order by q.n, {margin}p.n, n.n{scores}"""
    total = count_rows(database, "raw")
    with counter("sort", "pairs", progress=progress) as bar:
        bar.reset(total)
        with watched(database, bar):
            batches = database.sql(query).to_arrow_reader(ROWS_AT_ONCE)
    with counter("write", "pairs", progress=progress) as bar:
        bar.reset(total)
        for batch in batches:
            names = batch.schema.names
            store.append({name: batch[name].to_numpy() for name in names})
            bar.update(batch.num_rows)


def _write_words(path: Path, database: Any, query: str) -> bool:
    """Write ids one a line; return whether each of them is one word (see `is_id`)."""
    words = True
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for names in names_of(database, query):
            words = words and are_ids(names)
            file.write("\n".join(names) + "\n")
    return words


def _refuse_line(source: Source) -> None:
    """Raise our reader's error at the first line with an id that is not one word."""
    for path in source.files:
        for _ in source.form.read(path):
            pass
    raise TasbError(f"{source.files[0]}: an id that is not one word; expected words")


def _check_known(table: IdTable, known: IdTable, kind: str, source: Source) -> None:
    unknown = np.flatnonzero(known.find(table) < 0)
    if not len(unknown):
        return
    names = {table[number] for number in unknown[:UNKNOWN_AT_ONCE]}
    columns = ("qid",) if kind == "qid" else ("pos", "neg")
    places = [source.form.columns.index(column) for column in columns]
    for path in source.files:
        for line, row in enumerate(source.form.read(path), start=1):
            for place in places:
                if row[place] in names:
                    raise _unknown_error(path, line, kind, row[place], len(unknown))


def _unknown_error(
    path: Path, line: int, kind: str, name: str, count: int
) -> InputError:
    where = "topics" if kind == "qid" else "collection"
    return InputError(
        path,
        line,
        f"{kind} {name} is not in the {where} ({count:,} such ids in all)",
        f"ids of the {where}",
        "give the files that the pairs were made from",
    )
