"""A validation set from a baseline's run (TAS-B paper, §4.3)."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any

from tasb_pyserini.evaluation.measures import Measure, evaluate, mean
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run, Topics
from tasb_pyserini.formats.runs import ranked
from tasb_pyserini.training.validation.candidates import Validation, positives_of
from tasb_pyserini.training.validation.draw import (
    DifficultyBin,
    Sample,
    difficulty_bins,
    draw_queries,
)

MEASURE = Measure("nDCG", 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationConfig:
    """How a validation set is drawn.

    Parameters
    ----------
    queries
        How many at most.
    depth
        Last rank of the baseline that becomes a candidate.
    sample, seed
        See :func:`~tasb_pyserini.training.validation.draw.draw_queries`.

    Raises
    ------
    TasbError
        If a number is out of range.
    """

    queries: int = 3_200
    depth: int = 100
    sample: Sample = "difficulty"
    seed: int = 42

    def __post_init__(self) -> None:
        for name, least in (("queries", 1), ("depth", 1), ("seed", 0)):
            if getattr(self, name) < least:
                value = getattr(self, name)
                raise TasbError(f"{name} {value}: expected at least {least}")


@dataclass(frozen=True, slots=True)
class Usable:
    """Which queries validation could use, and how many it could not.

    Parameters
    ----------
    qids
        Queries with hits and at least one positive, in the order of the topics.
    without_positive
        Queries with hits but no positive.
    without_hits
        Queries that the baseline has no hits for.
    in_test_sets
        Queries with both that a test set holds as well.
    """

    qids: list[str]
    without_positive: int
    without_hits: int
    in_test_sets: int = 0


def find_usable(run: Run, qrels: Qrels, topics: Topics) -> Usable:
    """Return which queries of the topics have hits and positives.

    Raises
    ------
    TasbError
        If there is none.
    """
    with_hits = [qid for qid in topics if run.get(qid)]
    qids = [qid for qid in with_hits if positives_of(qrels, qid)]
    without_hits = len(topics) - len(with_hits)
    if not qids:
        raise TasbError(
            f"no queries to validate on: of {len(topics)}, {without_hits} are without "
            f"hits, {len(with_hits)} without a positive; expected run, qrels and "
            "topics of the same queries"
        )
    return Usable(qids, len(with_hits) - len(qids), without_hits)


def leave_out(usable: Usable, overlap: Collection[str]) -> Usable:
    """Return what is usable but for the queries of test sets.

    Parameters
    ----------
    usable
        From :func:`find_usable`.
    overlap
        Those of its qids that a test set holds; see
        :func:`~tasb_pyserini.formats.same_text.find_overlap`.

    Raises
    ------
    TasbError
        If none is left.
    """
    qids = [qid for qid in usable.qids if qid not in overlap]
    if not qids:
        raise TasbError(
            f"no queries to validate on: all {len(usable.qids):,} with hits and a "
            "positive are in test sets; expected topics of which some are in none"
        )
    return replace(usable, qids=qids, in_test_sets=len(overlap))


def make_validation(
    run: Run, qrels: Qrels, topics: Topics, usable: Usable, config: ValidationConfig
) -> Validation:
    """Draw queries; their candidates are the baseline's best and missed positives.

    Parameters
    ----------
    run
        The baseline's: a pairwise-trained BERT_DOT in the paper.
    qrels, topics
        Of the validation queries: those of DEV-49K in the paper.
    usable
        From :func:`find_usable`, or :func:`leave_out`.
    config
        How many, and how.

    Returns
    -------
    Validation
        `about` has the settings, ``positives_added``, the queries that were
        ``dropped``, the ``baseline``'s mean nDCG@10 over the queries drawn, and the
        ``bins`` of its difficulty: from, to, queries, taken.
    """
    best = {qid: dict(ranked(run[qid])[: config.depth]) for qid in usable.qids}
    judged = {qid: qrels[qid] for qid in usable.qids}
    values = evaluate(best, judged, [MEASURE])[MEASURE]
    bins = difficulty_bins(values)
    drawn = draw_queries(bins, config.queries, config.sample, config.seed)
    qids = [qid for qid in usable.qids if qid in drawn]
    missed = {
        qid: [docid for docid in positives_of(qrels, qid) if docid not in best[qid]]
        for qid in qids
    }
    about = {
        "settings": asdict(config),
        "positives_added": sum(map(len, missed.values())),
        "dropped": {
            "without_positive": usable.without_positive,
            "without_hits": usable.without_hits,
            "in_test_sets": usable.in_test_sets,
        },
        "measure": str(MEASURE),
        "baseline": mean([values[qid] for qid in qids]),
        "bins": [_describe(group, drawn) for group in bins],
    }
    return Validation(
        {qid: topics[qid] for qid in qids},
        {qid: [*best[qid], *missed[qid]] for qid in qids},
        {qid: qrels[qid] for qid in qids},
        about,
    )


def _describe(group: DifficultyBin, drawn: set[str]) -> dict[str, Any]:
    return {
        "from": group.low,
        "to": group.high,
        "queries": len(group.qids),
        "taken": len(drawn.intersection(group.qids)),
    }
