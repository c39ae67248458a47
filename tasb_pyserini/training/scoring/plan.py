"""Which (query, passage) pairs have to be scored: each once, shard by shard."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.training.pairs.store import Pairs

ROWS_AT_ONCE = 1 << 20


class Shard(NamedTuple):
    """Some queries with all their passages.

    Parameters
    ----------
    begin, end
        Numbers of the first query, and of the one behind the last.
    size
        Number of distinct (query, passage) pairs.
    """

    begin: int
    end: int
    size: int


class Distinct(NamedTuple):
    """The distinct (query, passage) pairs of some rows, sorted.

    Parameters
    ----------
    query, passage
        Numbers of qid and docid, shape ``(n_distinct,)``.
    pos, neg
        Where among them each row's two pairs are, shape ``(n_rows,)``.
    """

    query: NDArray[np.int64]
    passage: NDArray[np.int64]
    pos: NDArray[np.int64]
    neg: NDArray[np.int64]


def find_distinct(pairs: Pairs, begin: int, end: int) -> Distinct:
    """Return the distinct pairs of queries `begin` to `end`."""
    offsets = pairs.offsets[begin : end + 1]
    rows = slice(int(offsets[0]), int(offsets[-1]))
    query = np.repeat(np.arange(begin, end), np.diff(offsets)) << 32
    both = np.concatenate((query | pairs.pos[rows], query | pairs.neg[rows]))
    keys, places = np.unique(both, return_inverse=True)
    pos, neg = places.reshape(2, -1)
    return Distinct(keys >> 32, keys & 0xFFFFFFFF, pos, neg)


def cut_shards(pairs: Pairs, size: int) -> list[Shard]:
    """Cut the queries into shards of about `size` distinct pairs.

    A query is never cut in two: a shard ends with the query that fills it. Memory
    does not grow with the pairs, only with the queries (16 bytes each).
    """
    counts = np.zeros(pairs.n_queries, np.int64)
    for begin, end in pairs.blocks(ROWS_AT_ONCE):
        query = find_distinct(pairs, begin, end).query
        counts[begin:end] = np.bincount(query - begin, minlength=end - begin)
    before = np.cumsum(counts) - counts
    begins = np.flatnonzero(np.diff(before // size, prepend=-1))
    ends = np.append(begins[1:], pairs.n_queries)
    sizes = np.add.reduceat(counts, begins)
    return [
        Shard(int(begin), int(end), int(n))
        for begin, end, n in zip(begins, ends, sizes, strict=True)
    ]
