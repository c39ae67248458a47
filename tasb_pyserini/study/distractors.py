"""Quality as the collection grows (TCT-ColBERT, Figure 2)."""

from collections.abc import Sequence
from random import Random

from tasb_pyserini.evaluation.measures import Measure, evaluate, query_mean
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run


def distractor_curve(
    run: Run,
    pool: Run,
    qrels: Qrels,
    docids: Sequence[str],
    *,
    depth: int,
    sizes: Sequence[int],
    measure: Measure,
    level: int,
    seed: int,
) -> dict[str, float]:
    """Return number of passages → mean of the measure.

    The smallest collection has the relevant passages and the first hits of the pool,
    as in the paper; then random passages of the rest are added without replacement. An
    exact search of a part finds the hits of the whole that are in it, in their order,
    so `run` is searched once.

    Parameters
    ----------
    run
        Hits among all passages, so that none is missing in a part.
    pool, depth
        BM25's hits, and how many of them a query puts in.
    qrels
        Every query of it counts.
    docids
        All passages.
    sizes
        Passages that are added; as many as there are where it says more.
    measure, level
        Measure, and lowest grade that counts as relevant in it.
    seed
        Of the draw, which is the same for every model.

    Raises
    ------
    TasbError
        If the run lacks passages of a query.
    """
    for qid in qrels:
        if len(run.get(qid, {})) < len(docids):
            raise TasbError(
                f"query {qid}: {len(run.get(qid, {})):,} hits; expected all "
                f"{len(docids):,} passages, or a part would lack some"
            )
    inside = {d for grades in qrels.values() for d, g in grades.items() if g >= level}
    inside |= {d for qid in qrels for d in list(pool.get(qid, {}))[:depth]}
    rest = sorted(set(docids) - inside)
    Random(seed).shuffle(rest)
    curve = {}
    for size in sizes:
        part = inside | set(rest[:size])
        hits = {qid: _within(run[qid], part, measure.cutoff) for qid in qrels}
        values = evaluate(hits, qrels, [measure], relevance_level=level)[measure]
        curve[str(len(part))] = query_mean(values)
    return curve


def _within(
    hits: dict[str, float], part: set[str], cutoff: int | None
) -> dict[str, float]:
    found: dict[str, float] = {}
    for docid, score in hits.items():
        if docid in part:
            found[docid] = score
            if len(found) == cutoff:
                break
    return found
