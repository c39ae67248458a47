"""New pairs: a query's positives, and passages that are none of them."""

from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.store import pairs_of
from tasb_pyserini.training.refresh import draw
from tasb_pyserini.training.refresh.draw import (
    collection_of,
    draw_negatives,
    positives_of,
    refreshed_pairs,
    share_changed,
)
from tasb_pyserini.training.refresh.texts import first_alike
from tasb_pyserini.training.tokens import TokenTable

CONFIG = TrainingConfig(steps=10, refresh_every=2, refresh_negatives=3)
# Not in the order of their bytes, and more than the pairs name.
DOCIDS = ["d9", "é", "d10", "d1", "z", "d2", "A"]

triples = st.lists(
    st.tuples(
        st.sampled_from(["q1", "q2", "q3"]),
        st.sampled_from(DOCIDS),
        st.sampled_from(DOCIDS),
    ).map(lambda ids: Triple(*ids)),
    min_size=1,
    max_size=12,
)


def data_of(rows: list[Triple] | list[ScoredTriple], *, ids: bool) -> TrainingData:
    """Return data on all DOCIDS, or on those alone that the pairs name."""
    pairs = pairs_of(rows)
    names = DOCIDS if ids else list(pairs.docids)
    table = TokenTable(
        np.arange(len(names), dtype=np.uint16),
        np.arange(len(names) + 1),
        IdTable.of(names) if ids else None,
    )
    rows_of = np.array([names.index(docid) for docid in pairs.docids])
    queries = TokenTable(
        np.arange(pairs.n_queries, dtype=np.uint16), np.arange(pairs.n_queries + 1)
    )
    spec = EncoderSpec(checkpoint="c")
    return TrainingData(
        pairs, queries, table, np.arange(pairs.n_queries), rows_of, spec
    )


def triples_of(data: TrainingData) -> list[tuple[str, str, str]]:
    pairs = data.pairs
    return [
        (
            pairs.qids[query],
            pairs.docids[int(pairs.pos[row])],
            pairs.docids[int(pairs.neg[row])],
        )
        for query in range(pairs.n_queries)
        for row in range(pairs.offsets[query], pairs.offsets[query + 1])
    ]


@given(
    rows=triples,
    ids=st.booleans(),
    seed=st.integers(0, 99),
    depth=st.integers(1, 9),
    skip=st.integers(0, 3),
)
def test_no_positive_is_ever_drawn_and_every_query_keeps_pairs(
    rows: list[Triple], ids: bool, seed: int, depth: int, skip: int
) -> None:
    data = data_of(rows, ids=ids)
    collection = collection_of(data)
    names = list(collection.ids)
    config = replace(
        CONFIG, refresh_depth=depth + skip, refresh_skip=skip, refresh_negatives=2
    )
    rng = np.random.default_rng(seed)
    top = np.full((data.pairs.n_queries, config.refresh_depth), -1)
    for row in top:
        some = rng.permutation(len(names))[: len(row)]
        row[: len(some)] = some

    positives = positives_of(data.pairs, collection)
    query, passage = draw_negatives(top, positives, collection.texts, config, 4)
    pairs = refreshed_pairs(data, collection, positives, query, passage)

    given_ = {(row.qid, row.pos, row.neg) for row in rows}
    found = triples_of(replace(data, pairs=pairs))
    assert len(found) == len(set(found))
    assert list(pairs.docids) == sorted(
        {docid for _, *two in found for docid in two}, key=str.encode
    )
    for number, qid in enumerate(data.pairs.qids):
        of_query = {pos for q, pos, _ in given_ if q == qid}
        candidates = {
            names[place] for place in top[number, skip:] if place >= 0
        } - of_query
        pairs_now = {(pos, neg) for q, pos, neg in found if q == qid}
        negatives = {neg for _, neg in pairs_now}
        if not candidates:
            assert pairs_now == {(pos, neg) for q, pos, neg in given_ if q == qid}
            continue
        assert not negatives & of_query
        assert negatives <= candidates
        assert len(negatives) == min(2, len(candidates))
        assert pairs_now == set(product(of_query, negatives))


def test_the_draw_depends_on_seed_and_step_but_not_on_blocks() -> None:
    top = np.tile(np.arange(50), (40, 1))
    none, texts = np.empty(0, np.int64), np.arange(50)

    def drawn(step: int = 2, seed: int = 42) -> list[list[int]]:
        config = replace(CONFIG, seed=seed)
        return [c.tolist() for c in draw_negatives(top, none, texts, config, step)]

    first = drawn()
    before, draw.QUERIES_AT_ONCE = draw.QUERIES_AT_ONCE, 7
    try:
        assert drawn() == first
    finally:
        draw.QUERIES_AT_ONCE = before
    assert first[0] == np.arange(40).repeat(3).tolist()
    assert drawn(step=4) != first
    assert drawn(seed=1) != first


def test_all_candidates_have_equal_chances() -> None:
    top = np.tile(np.arange(6), (20_000, 1))
    positives = np.arange(20_000) * 6 + 1  # passage 1 is each query's

    _, passage = draw_negatives(top, positives, np.arange(6), CONFIG, 2)

    # 3 of 5 each: 12,000 of 20,000, standard deviation 69.
    counts = np.bincount(passage, minlength=6)
    assert counts[1] == 0
    assert np.abs(counts[[0, 2, 3, 4, 5]] - 12_000).max() < 4 * 69


def test_no_copy_of_a_positive_is_drawn() -> None:
    """Passages 0 and 2 have one text, 1 and 3 another; 0 is query 0's, 3 query 1's."""
    table = TokenTable(
        np.array([5, 6, 7, 5, 6, 7, 8]), np.array([0, 2, 3, 5, 6, 7]), None
    )
    texts = first_alike(table, np.arange(5))
    assert texts.tolist() == [0, 1, 0, 1, 4]
    top = np.tile(np.arange(5), (2, 1))

    query, passage = draw_negatives(top, np.array([0, 5 + 3]), texts, CONFIG, 2)

    drawn = {number: {*passage[query == number].tolist()} for number in (0, 1)}
    assert drawn == {0: {1, 3, 4}, 1: {0, 2, 4}}


def test_the_share_of_changed_queries_is_that_of_other_negatives() -> None:
    before = data_of([Triple("q1", "d1", "d2"), Triple("q2", "d1", "d9")], ids=True)
    now = data_of([Triple("q1", "d1", "d2"), Triple("q2", "d1", "z")], ids=True)

    assert share_changed(before, before) == 0
    assert share_changed(before, now) == 0.5


def test_scores_are_left_out_where_pairs_are_kept() -> None:
    rows = [ScoredTriple("q", "d1", "d2", 3.0, 1.0), ScoredTriple("q", "d1", "z", 2, 1)]
    data = data_of(rows, ids=True)
    empty = np.empty(0, np.int64)
    collection = collection_of(data)

    positives = positives_of(data.pairs, collection)
    pairs = refreshed_pairs(data, collection, positives, empty, empty)

    assert pairs.pos_score is None
    assert triples_of(replace(data, pairs=pairs)) == [
        ("q", "d1", "d2"),
        ("q", "d1", "z"),
    ]
