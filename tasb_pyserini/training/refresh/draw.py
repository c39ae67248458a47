"""From each query's top passages to its new pairs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.store import Pairs, row_offsets, sort_columns
from tasb_pyserini.training.refresh.texts import first_alike

Numbers = NDArray[np.int64]

QUERIES_AT_ONCE = 4_096


@dataclass(frozen=True, slots=True)
class Collection:
    """The passages that are searched, numbered from 0.

    Parameters
    ----------
    ids
        Their docids.
    rows
        Where in the table of tokens each stands; ``(n_passages,)``.
    named
        The number of each docid of the training pairs; ``(n_docids,)``.
    texts
        Of each passage, the number of the first one with its text; ``(n_passages,)``.
    """

    ids: IdTable
    rows: Numbers
    named: Numbers
    texts: Numbers


def collection_of(data: TrainingData) -> Collection:
    """Return all passages of the data; where they have no ids, those of the pairs."""
    if data.passages.ids is not None:
        rows = np.arange(len(data.passages))
        ids, named = data.passages.ids, data.passage_rows
    else:
        rows, ids = data.passage_rows, data.pairs.docids
        named = np.arange(len(ids))
    return Collection(ids, rows, named, first_alike(data.passages, rows))


def draw_negatives(
    top: Numbers, positives: Numbers, texts: Numbers, config: TrainingConfig, step: int
) -> tuple[Numbers, Numbers]:
    """Draw some of each query's top passages that have no text of its positives.

    All of these have equal chances, none is drawn twice, and a query with fewer than
    wanted keeps them all. What is drawn depends on the seed and the step alone.

    Parameters
    ----------
    top
        Numbers of passages, best first, -1 where there is none; ``(n_queries, depth)``.
    positives
        ``query · n_passages + passage`` of each positive, rising.
    texts
        Of a :class:`Collection`.
    config
        How many, from which rank on, and the seed.
    step
        Updates made.

    Returns
    -------
    tuple
        Queries, rising, and a passage of each; int64, ``(n_negatives,)``.
    """
    rng = np.random.default_rng([config.seed, 2, step])
    n_passages = len(texts)
    of_positive, positive = np.divmod(positives, n_passages)
    known = np.unique(of_positive * n_passages + texts[positive])
    drawn = []
    for begin in range(0, len(top), QUERIES_AT_ONCE):
        candidates = top[begin : begin + QUERIES_AT_ONCE, config.refresh_skip :]
        queries = np.arange(begin, begin + len(candidates))[:, None]
        keys = queries * n_passages + candidates
        low, high = np.searchsorted(known, (queries[[0, -1], 0] + (0, 1)) * n_passages)
        alike = queries * n_passages + texts[candidates]
        chance = rng.random(candidates.shape)
        chance[(candidates < 0) | np.isin(alike, known[low:high])] = np.inf
        order = np.argsort(chance, axis=1)[:, : config.refresh_negatives]
        chosen = np.isfinite(np.take_along_axis(chance, order, axis=1))
        drawn.append(np.take_along_axis(keys, order, axis=1)[chosen])
    query, passage = np.divmod(np.concatenate(drawn), n_passages)
    return query, passage


def positives_of(pairs: Pairs, collection: Collection) -> Numbers:
    """Return ``query · n_passages + passage`` of each positive, rising, once each."""
    return np.unique(
        _queries(pairs) * len(collection.ids) + collection.named[pairs.pos]
    )


def refreshed_pairs(
    data: TrainingData,
    collection: Collection,
    positives: Numbers,
    query: Numbers,
    passage: Numbers,
) -> Pairs:
    """Return pairs of each query's positives with each of its new negatives.

    A query without new negatives keeps its pairs, so that all queries keep their
    numbers, which clusters name.

    Parameters
    ----------
    data
        The pairs as they were given.
    collection
        From :func:`collection_of`.
    positives
        From :func:`positives_of`.
    query, passage
        From :func:`draw_negatives`.
    """
    n_queries = data.pairs.n_queries
    of_positive, pos = np.divmod(positives, len(collection.ids))
    counts = np.bincount(query, minlength=n_queries)
    meets = counts[of_positive]
    # Pair i of a positive meets negative i of its query.
    turn = np.arange(meets.sum()) - np.repeat(np.cumsum(meets) - meets, meets)
    neg = passage[np.repeat((np.cumsum(counts) - counts)[of_positive], meets) + turn]
    of_pair = _queries(data.pairs)
    kept = counts[of_pair] == 0
    named = collection.named
    numbers = (
        np.concatenate([np.repeat(pos, meets), named[data.pairs.pos[kept]]]),
        np.concatenate([neg, named[data.pairs.neg[kept]]]),
    )
    docids, own = _own_numbers(collection.ids, numbers)
    columns = sort_columns(
        {
            "qid": np.concatenate([np.repeat(of_positive, meets), of_pair[kept]]),
            "pos": own[0].astype(np.int32),
            "neg": own[1].astype(np.int32),
        }
    )
    offsets = row_offsets(columns["qid"], n_queries)
    return Pairs(data.pairs.qids, docids, offsets, columns["pos"], columns["neg"])


def share_changed(before: TrainingData, now: TrainingData) -> float:
    """Return the share of queries that have another set of negatives than before."""
    old, new = (
        np.unique(
            _queries(each.pairs) * len(each.passages)
            + each.passage_rows[each.pairs.neg]
        )
        for each in (before, now)
    )
    changed = np.unique(np.setxor1d(old, new, assume_unique=True) // len(now.passages))
    return len(changed) / now.pairs.n_queries


def _queries(pairs: Pairs) -> Numbers:
    return np.repeat(np.arange(pairs.n_queries), np.diff(pairs.offsets))


def _own_numbers(
    ids: IdTable, numbers: tuple[Numbers, Numbers]
) -> tuple[IdTable, tuple[Numbers, Numbers]]:
    """Return the ids that are named, sorted by bytes, and their numbers among these."""
    named = np.unique(np.concatenate(numbers))
    names = [ids[int(number)] for number in named]
    order = sorted(range(len(names)), key=lambda place: names[place].encode())
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    own = [rank[np.searchsorted(named, column)] for column in numbers]
    return IdTable.of(names[place] for place in order), (own[0], own[1])
