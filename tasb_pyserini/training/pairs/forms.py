"""The text files that pairs and scores come from, as `database.load` takes them."""

from collections.abc import Iterator
from pathlib import Path

from tasb_pyserini.formats.scores import LARGEST, NUMBER, read_hits, read_scores
from tasb_pyserini.formats.triples import read_triples
from tasb_pyserini.training.pairs.database import Form

NOT_IN_TABS = b"\r\0"
PRINTABLE = bytes(range(ord(" "), ord("~") + 1)) + b"\n"


def _valid(column: str) -> str:
    number = f"regexp_full_match({column}, '{NUMBER}')"
    return f"{number} and abs(try_cast({column} as double)) <= {LARGEST}"


def _single(column: str) -> str:
    # By way of double precision, as Python reads: straight to single precision, a
    # number may be rounded the other way.
    return f"try_cast(try_cast({column} as double) as float)"


def _score_rows(path: Path) -> Iterator[tuple[str, ...]]:
    for row in read_scores(path):
        yield repr(row.pos_score), repr(row.neg_score), row.qid, row.pos, row.neg


def _triple_rows(path: Path) -> Iterator[tuple[str, ...]]:
    for row in read_triples(path, whole=True):
        yield row.qid, row.pos, row.neg


def _hit_rows(path: Path) -> Iterator[tuple[str, ...]]:
    for qid, docid, score in read_hits(path):
        yield qid, "Q0", docid, "0", repr(score), "run"


_TABS = bytes(byte for byte in range(256) if byte not in NOT_IN_TABS)

SCORE_LINES = Form(
    columns=("pos_text", "neg_text", "qid", "pos", "neg"),
    delimiter="\t",
    plain=_TABS,
    select=f"qid, pos, neg, {_single('pos_text')} as pos_score, "
    f"{_single('neg_text')} as neg_score",
    where=f"{_valid('pos_text')} and {_valid('neg_text')}",
    read=_score_rows,
)
"""Published teacher scores (see `read_scores`)."""

TRIPLE_LINES = Form(
    columns=("qid", "pos", "neg"),
    delimiter="\t",
    plain=_TABS,
    select="qid, pos, neg",
    where="true",
    read=_triple_rows,
)
"""MS MARCO's qidpidtriples (see `read_triples`)."""

RUN_LINES = Form(
    columns=("qid", "q0", "docid", "rank", "score_text", "tag"),
    delimiter=" ",
    plain=PRINTABLE,
    select=f"qid, docid, {_single('score_text')} as score",
    where=_valid("score_text"),
    read=_hit_rows,
)
"""A TREC run (see `read_hits`)."""
