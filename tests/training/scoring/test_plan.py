from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.records import Triple
from tasb_pyserini.training.pairs.store import Pairs, pairs_of
from tasb_pyserini.training.scoring import plan
from tasb_pyserini.training.scoring.plan import Shard, cut_shards, find_distinct

TRIPLES = [
    Triple("q1", "a", "b"),
    Triple("q1", "a", "c"),
    Triple("q1", "b", "a"),
    Triple("q2", "c", "d"),
    Triple("q3", "a", "a"),
]
IDS = st.sampled_from("abcdef")
MANY = st.lists(st.builds(Triple, IDS, IDS, IDS), min_size=1, max_size=40)


def names(pairs: Pairs, begin: int, end: int) -> list[tuple[str, str]]:
    distinct = find_distinct(pairs, begin, end)
    numbers = zip(distinct.query, distinct.passage, strict=True)
    return [(pairs.qids[int(q)], pairs.docids[int(p)]) for q, p in numbers]


def test_each_pair_is_there_once() -> None:
    assert names(pairs_of(TRIPLES), 0, 2) == [
        *[("q1", "a"), ("q1", "b"), ("q1", "c")],
        *[("q2", "c"), ("q2", "d")],
    ]


def test_rows_find_their_pairs() -> None:
    distinct = find_distinct(pairs_of(TRIPLES), 0, 3)
    assert distinct.pos.tolist() == [0, 0, 1, 3, 5]
    assert distinct.neg.tolist() == [1, 2, 0, 4, 5]


def test_a_shard_ends_with_the_query_that_fills_it() -> None:
    pairs = pairs_of(TRIPLES)
    assert cut_shards(pairs, 100) == [Shard(0, 3, 6)]
    assert cut_shards(pairs, 4) == [Shard(0, 2, 5), Shard(2, 3, 1)]
    assert cut_shards(pairs, 1) == [Shard(0, 1, 3), Shard(1, 2, 2), Shard(2, 3, 1)]


@given(MANY, st.integers(1, 10), st.integers(1, 10))
def test_shards_hold_every_distinct_pair_once(
    triples: list[Triple], size: int, rows_at_once: int
) -> None:
    pairs = pairs_of(triples)
    plan.ROWS_AT_ONCE, before = rows_at_once, plan.ROWS_AT_ONCE
    try:
        shards = cut_shards(pairs, size)
    finally:
        plan.ROWS_AT_ONCE = before
    found = [names(pairs, shard.begin, shard.end) for shard in shards]
    assert [shard.size for shard in shards] == [len(some) for some in found]
    everything = [pair for some in found for pair in some]
    assert len(everything) == len(set(everything))
    assert set(everything) == {
        (t.qid, docid) for t in triples for docid in (t.pos, t.neg)
    }
