"""What a model must offer to rerank, and the scores of candidates by it."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain, permutations
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.missing import Done
from tasb_pyserini.formats.score_shards import refuse_wild
from tasb_pyserini.search.rerank.candidates import Candidates


def ignore(_: int) -> None:
    """Show no progress."""


@runtime_checkable
class Scorer(Protocol):
    """A model that reads one passage at a time, such as monoT5 or BERT_CAT.

    It tells `done` of the inputs of each batch.
    """

    def score(
        self, queries: Sequence[str], passages: Sequence[str], done: Done = ignore
    ) -> NDArray[np.float32]:
        """Return a score for query i with passage i, shape ``(n_pairs,)``."""


@runtime_checkable
class PairScorer(Protocol):
    """A model that reads two passages at a time, such as duoT5."""

    def prefer(
        self,
        queries: Sequence[str],
        firsts: Sequence[str],
        seconds: Sequence[str],
        done: Done = ignore,
    ) -> NDArray[np.float32]:
        """Return how likely first i is better than second i, shape ``(n_triples,)``."""


def count_inputs(scorer: Scorer | PairScorer, n_passages: int) -> int:
    """Return how many inputs of the model a query with so many candidates takes."""
    pairwise = isinstance(scorer, PairScorer)
    return n_passages * (n_passages - 1) if pairwise else n_passages


def score_candidates(
    scorer: Scorer | PairScorer, lists: Sequence[Candidates], done: Done = ignore
) -> NDArray[np.float32]:
    """Return the scores of all candidates, end to end, shape ``(n_candidates,)``.

    The model is called once for all lists, so that its batches are full.

    Raises
    ------
    TasbError
        If a score is not finite.
    """
    if isinstance(scorer, PairScorer):
        scores = _pairwise(scorer, lists, done)
    else:
        queries = [one.query for one in lists for _ in one.passages]
        scores = scorer.score(queries, _flat(one.passages for one in lists), done)

    def pair(place: int) -> str:
        names = [(docid, one.qid) for one in lists for docid in one.docids]
        return "docid {} for query {}".format(*names[place])

    refuse_wild(scores, pair)
    return scores


def sum_preferences(preferences: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each passage's score from all ordered pairs: SYM-SUM.

    s_i = Σ_j p(i, j) + (1 - p(j, i)), as in Pradeep et al. (arXiv 2101.05667) and
    pygaggle's ``rerank/transformer.py``.

    Parameters
    ----------
    preferences
        p(i, j), how likely passage i is better than passage j, row by row without the
        diagonal: shape ``(n · (n - 1),)``.

    Examples
    --------
    >>> sum_preferences(np.array([0.75, 0.25], np.float32)).tolist()
    [1.5, 0.5]
    """
    n = _side(len(preferences))
    matrix = np.zeros((n, n))
    matrix[~np.eye(n, dtype=bool)] = preferences
    sums = matrix.sum(axis=1) + (n - 1) - matrix.sum(axis=0)
    return np.asarray(sums, np.float32)


def _pairwise(
    scorer: PairScorer, lists: Sequence[Candidates], done: Done
) -> NDArray[np.float32]:
    pairs = [list(permutations(one.passages, 2)) for one in lists]
    queries = [
        one.query for one, of in zip(lists, pairs, strict=True) for _ in range(len(of))
    ]
    firsts = [first for of in pairs for first, _ in of]
    seconds = [second for of in pairs for _, second in of]
    preferences = scorer.prefer(queries, firsts, seconds, done)
    ends = np.cumsum([len(of) for of in pairs])
    sums = [np.empty(0, np.float32)]
    for one, of, end in zip(lists, pairs, ends, strict=True):
        # A lone candidate has no pairs, as an empty list has none.
        scores = sum_preferences(preferences[end - len(of) : end])
        sums.append(scores[: len(one.docids)])
    return np.concatenate(sums)


def _side(pairs: int) -> int:
    """Return the n whose n · (n - 1) ordered pairs these are."""
    return (1 + math.isqrt(1 + 4 * pairs)) // 2


def _flat(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(chain.from_iterable(lists))
