"""Which queries are tuned on, and which of them together."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels
from tasb_pyserini.search.tuning.objective import Objective


def find_usable(
    qids: Iterable[str], qrels: Qrels, objective: Objective, *, name: str = "the qrels"
) -> list[str]:
    """Return the queries that have a relevant passage; others are the same everywhere.

    Raises
    ------
    TasbError
        If there is none; names the first queries, or says what grade was expected.
    """
    known = list(qids)
    judged = [qid for qid in known if qid in qrels]
    if not judged:
        ours, theirs = next(iter(known), None), next(iter(qrels), None)
        raise TasbError(
            f"{name}: no judgment of any of the {len(known):,} queries (the first are "
            f"{theirs!r} and {ours!r}); expected the same queries"
        )
    usable = [qid for qid in judged if objective.worths(qrels[qid])]
    if not usable:
        raise TasbError(
            f"{name}: no relevant passage for any of the {len(judged):,} judged "
            f"queries; expected grades of at least {objective.relevance_level}"
        )
    return usable


def draw_sample(qids: Collection[str], size: int, seed: int) -> list[str]:
    """Draw queries without replacement, the same whatever order they come in.

    Parameters
    ----------
    qids
        Of which to draw; the sample keeps their order.
    size
        How many; all where there are fewer. TCT-ColBERT took 6,000 (Lin et al.,
        RepL4NLP 2021, §4.3).
    seed
        Of the draw.

    Examples
    --------
    >>> draw_sample(["3", "1", "2"], 5, seed=42)
    ['3', '1', '2']
    """
    ordered = sorted(qids)
    places = np.random.default_rng(seed).permutation(len(ordered))[:size]
    drawn = {ordered[place] for place in places.tolist()}
    return [qid for qid in qids if qid in drawn]


def cut_folds(qids: Sequence[str], folds: int, seed: int) -> list[list[str]]:
    """Part queries by chance into folds whose sizes differ by one at most.

    Raises
    ------
    TasbError
        If there are fewer than two folds or fewer queries than folds.
    """
    if not 2 <= folds <= len(qids):
        raise TasbError(
            f"{folds} folds of {len(qids):,} queries: expected 2 to {len(qids):,}"
        )
    ordered = sorted(qids)
    shuffled = np.random.default_rng(seed).permutation(len(ordered)).tolist()
    return [
        [ordered[place] for place in sorted(shuffled[fold::folds])]
        for fold in range(folds)
    ]
