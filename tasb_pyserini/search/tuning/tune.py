"""Tuning, and what it is worth on queries that it did not see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasb_pyserini.evaluation.measures import Measure, mean
from tasb_pyserini.formats.records import Qrels
from tasb_pyserini.search.fusion.fuse import fuse_hits
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.tuning.candidates import Candidates, Setting
from tasb_pyserini.search.tuning.choose import Choice, choose
from tasb_pyserini.search.tuning.objective import Objective
from tasb_pyserini.search.tuning.pool import Hits


@dataclass(frozen=True, slots=True)
class Fold:
    """A choice, and the measure of the queries that it was not made on.

    Parameters
    ----------
    choice
        Made on all other folds.
    held_out
        qid → measure.
    """

    choice: Choice
    held_out: dict[str, float]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning found.

    Parameters
    ----------
    choice
        Best on all queries.
    value, sparse, dense
        Mean measure of the choice's hybrid and of each side alone, as trec_eval would
        measure their runs.
    folds
        None where nothing was held out.
    """

    choice: Choice
    value: float
    sparse: float
    dense: float
    folds: list[Fold]


def tune(
    candidates: Candidates,
    settings: Sequence[Setting] = (Setting(),),
    folds: Sequence[Sequence[str]] = (),
) -> Tuning:
    """Find alpha, and BM25's parameters among `settings`.

    Parameters
    ----------
    candidates
        What is fused.
    settings
        Parameters of BM25 to choose from.
    folds
        Disjoint parts of the queries for cross-validation, two or more, if any.
    """
    qids = candidates.qids
    rests = [[q for q in qids if q not in held] for held in map(frozenset, folds)]
    choice, *others = choose(candidates, settings, [qids, *rests])
    held_out: dict[int, dict[str, float]] = {}
    for place in _by_setting(others):
        held_out[place] = _measure(candidates, others[place], folds[place])
    values = _measure(candidates, choice, qids)
    alone = [pool.alone for pool in candidates.pools(choice.setting).values()]
    return Tuning(
        choice,
        mean(values.values()),
        mean([sparse for sparse, _ in alone]),
        mean([dense for _, dense in alone]),
        [Fold(other, held_out[place]) for place, other in enumerate(others)],
    )


def tune_runs(
    sparse: Mapping[str, Hits],
    dense: Mapping[str, Hits],
    qrels: Qrels,
    measure: Measure,
    *,
    relevance_level: int = 1,
) -> Tuning:
    """Find alpha of an interpolation, for runs in memory and all judged queries.

    Raises
    ------
    TasbError
        If a run has no hits for any of them.
    """
    fusion = Fusion(method="interpolation", alpha=1)
    objective = Objective(measure=measure, relevance_level=relevance_level)
    return tune(
        Candidates(lambda _: sparse, dense, list(qrels), qrels, fusion, objective)
    )


def held_out_hits(
    candidates: Candidates, folds: Sequence[Fold], k: int
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each query's fused hits, by the choice of the folds that it is not in."""
    for place in _by_setting([fold.choice for fold in folds]):
        choice = folds[place].choice
        for qid in folds[place].held_out:
            lists = candidates.lists(choice.setting, qid)
            yield qid, fuse_hits(lists, choice.fusion, k)


def _measure(
    candidates: Candidates, choice: Choice, qids: Sequence[str]
) -> dict[str, float]:
    pools = candidates.pools(choice.setting)
    objective = candidates.objective
    return {qid: pools[qid].value(choice.fusion, objective) for qid in qids}


def _by_setting(choices: Sequence[Choice]) -> list[int]:
    """Return places in an order that brings equal settings together."""
    settings = list(dict.fromkeys(choice.setting for choice in choices))
    return sorted(range(len(choices)), key=lambda n: settings.index(choices[n].setting))
