"""Rows of pairs for tests, and their order, written down slowly."""

import numpy as np
from hypothesis import strategies as st

from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.pairs.store import Pairs
from tests.formats.strategies import ids

few_ids = st.sampled_from(
    ["1", "10", "2", "é", "z", "\U0001d4b3", "'", '"', "#", "NULL", "\\N"]
)
few_scores = st.sampled_from([0.0, -0.0, 1.5, -1.5, 0.1, 1e30])
scores = few_scores | st.floats(-3e38, 3e38)
names = few_ids | ids
scored_rows = st.lists(
    st.builds(ScoredTriple, names, names, names, scores, scores), min_size=1
)

Row = tuple[str, str, str, float, float]


def rows_of(pairs: Pairs) -> list[Row]:
    """Return the rows of a store in order, unscored ones with scores of 0."""
    rows: list[Row] = []
    for query in range(pairs.n_queries):
        for row in range(pairs.offsets[query], pairs.offsets[query + 1]):
            score = (
                (0.0, 0.0)
                if pairs.pos_score is None or pairs.neg_score is None
                else (float(pairs.pos_score[row]), float(pairs.neg_score[row]))
            )
            pos, neg = pairs.docids[pairs.pos[row]], pairs.docids[pairs.neg[row]]
            rows.append((pairs.qids[query], pos, neg, *score))
    return rows


def slow_order(rows: list[ScoredTriple] | list[Triple]) -> list[Row]:
    """Return distinct rows by qid, margin, pos, neg, scores; ids by UTF-8 bytes."""
    single = {_single(row) for row in rows}
    return sorted(
        single,
        key=lambda row: (
            row[0].encode(),
            row[3] - row[4],
            row[1].encode(),
            row[2].encode(),
            row[3],
            row[4],
        ),
    )


def _single(row: ScoredTriple | Triple) -> Row:
    if isinstance(row, Triple):
        return row.qid, row.pos, row.neg, 0.0, 0.0
    pos, neg = (float(np.float32(s)) for s in (row.pos_score, row.neg_score))
    return row.qid, row.pos, row.neg, pos, neg
