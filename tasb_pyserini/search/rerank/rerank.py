"""A run, reranked in memory."""

from collections.abc import Mapping

from tasb_pyserini.formats.missing import Done
from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.search.rerank.candidates import reorder, take_candidates
from tasb_pyserini.search.rerank.scorers import (
    PairScorer,
    Scorer,
    ignore,
    score_candidates,
)


def rerank(
    run: Run,
    topics: Topics,
    texts: Mapping[str, str],
    scorer: Scorer | PairScorer,
    depth: int,
    *,
    done: Done = ignore,
) -> Run:
    """Rerank the first `depth` hits of each query; those below keep their order.

    Ties are ordered as trec_eval orders them. For the scores of hits below see
    :func:`~tasb_pyserini.search.rerank.candidates.reorder`.

    Parameters
    ----------
    run
        Hits of each query, best first, as
        :func:`~tasb_pyserini.formats.runs.read_run` gives them.
    topics
        The queries that were searched.
    texts
        docid → passage, of the first hits at least; see
        :func:`~tasb_pyserini.search.rerank.texts.read_texts`.
    scorer
        :class:`~tasb_pyserini.search.rerank.monot5.MonoT5`,
        :class:`~tasb_pyserini.search.rerank.duot5.DuoT5` (reads `depth` · (`depth` -
        1) pairs a query), :class:`~tasb_pyserini.search.rerank.cat.Cat`, or your own.
    depth
        Hits a query.
    done
        Called with the number of model inputs of each batch.

    Raises
    ------
    TasbError
        If the topics lack a query of the run, the texts a docid, or a score is not
        finite.

    Examples
    --------
    >>> class Longest:
    ...     def score(self, queries, passages, done=lambda n: None):
    ...         return np.array([len(text) for text in passages], np.float32)
    >>> import numpy as np
    >>> run = {"1": {"a": 0.9, "b": 0.8, "c": 0.7}}
    >>> texts = {"a": "tea", "b": "coffee"}
    >>> rerank(run, {"1": "drinks"}, texts, Longest(), depth=2)
    {'1': {'b': 6.0, 'a': 3.0, 'c': 2.0}}
    """
    lists = take_candidates(run, topics, texts, depth)
    return reorder(run, lists, score_candidates(scorer, lists, done))
