"""Runs, qrels, pools and fusion of trectools (Palotti et al., SIGIR 2019).

For people who work in it. Its own readers, ``TrecRun(path)`` and ``TrecQrel(path)``,
take ids for numbers (``007`` becomes 7) and order ties by ascending docid; read files
with `tasb_pyserini.formats` and hand the result over here. For measures see
`tasb_pyserini.evaluation.trectools_measures`.
"""

import math
import sys
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from trectools import TrecPool, TrecPoolMaker, TrecQrel, TrecRun
from trectools.fusion import rank_biased_precision_fusion, reciprocal_rank_fusion

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.formats.runs import ranked

RANK_FUSION = {"rrf": reciprocal_rank_fusion, "rbp": rank_biased_precision_fusion}
"""Name → fusion of ranks: Cormack et al. 2009 and Bailey et al. 2017."""

SCORE_FUSION = ("sum", "max", "min", "anz", "mnz", "med")
"""Fusions of scores (Fox and Shaw, TREC-2): CombSUM and so on; ANZ is the mean and MNZ
the sum times the number of runs, of those that found the document."""


def to_trec_run(run: Run, tag: str = "tasb") -> TrecRun:
    """Return a run for trectools, in the order of trec_eval, with ranks from 1.

    Scores are rounded to single precision, as trec_eval reads them and `write_run`
    writes them: most measures of trectools sort again, and would part what trec_eval
    ties. A query without hits leaves no row.
    """
    rows = [
        (qid, "Q0", docid, rank, array("f", [score])[0], tag)
        for qid, hits in run.items()
        for rank, (docid, score) in enumerate(ranked(hits), start=1)
    ]
    converted = TrecRun()
    columns = ["query", "q0", "docid", "rank", "score", "system"]
    converted.run_data = pd.DataFrame(rows, columns=columns)
    return converted


def from_trec_run(run: TrecRun) -> Run:
    """Return a run of trectools, each query's hits in the order of trec_eval.

    The order comes from the scores, never from the ranks or the order of the rows.

    Raises
    ------
    TasbError
        If it holds nothing, a docid comes twice for a query, or a score is not finite.
    """
    converted: Run = {}
    for qid, docid, score in _rows(run.run_data, "run", "score"):
        if docid in converted.setdefault(qid, {}):
            raise TasbError(f"run: docid {docid} again for query {qid}; expected once")
        if not math.isfinite(score):
            where = f"query {qid}, docid {docid}"
            raise TasbError(f"run: {where}: score {score}; expected a finite number")
        converted[qid][docid] = float(score)
    return {qid: dict(ranked(hits)) for qid, hits in converted.items()}


def to_trec_qrel(qrels: Qrels) -> TrecQrel:
    """Return qrels for trectools, with every grade, negative ones too."""
    rows = [
        (qid, "0", docid, grade)
        for qid, grades in qrels.items()
        for docid, grade in grades.items()
    ]
    converted = TrecQrel()
    columns = ["query", "q0", "docid", "rel"]
    converted.qrels_data = pd.DataFrame(rows, columns=columns)
    return converted


def from_trec_qrel(qrels: TrecQrel) -> Qrels:
    """Return qrels of trectools.

    Raises
    ------
    TasbError
        If it holds nothing, or a pair is judged twice, which trectools would count
        twice in an ideal ranking and trec_eval refuses.
    """
    converted: Qrels = {}
    for qid, docid, grade in _rows(qrels.qrels_data, "qrels", "rel"):
        if docid in converted.setdefault(qid, {}):
            raise TasbError(
                f"qrels: qid {qid}, docid {docid} judged again; expected each pair once"
            )
        converted[qid][docid] = int(grade)
    return converted


def pool(
    runs: Sequence[TrecRun], depth: int = 10, strategy: str = "topX", **options: Any
) -> TrecPool:
    """Return what to judge: documents of each query, by ``TrecPoolMaker``.

    Every run is brought into the order of trec_eval first. Queries are numbered on the
    way, because ``rbp`` and ``rrf`` fail on other qids, and keep their names here.

    Parameters
    ----------
    depth
        Documents that each run gives with ``topX``; documents of the whole pool with
        ``rbp`` and ``rrf``.
    strategy
        ``topX``, ``rbp`` or ``rrf``.
    options
        ``rbp_p``, ``rbp_strategy`` and ``rrf_den`` of ``TrecPoolMaker.make_pool``.
    """
    if strategy not in ("topX", "rbp", "rrf"):
        raise TasbError(f"pool strategy {strategy!r}: expected topX, rbp or rrf")
    plain = [from_trec_run(run) for run in runs]
    numbers: dict[str, str] = {}
    for run in plain:
        for qid in run:
            numbers.setdefault(qid, str(len(numbers)))
    numbered = [
        to_trec_run({numbers[qid]: hits for qid, hits in run.items()}) for run in plain
    ]
    made = TrecPoolMaker().make_pool(numbered, strategy, topX=depth, **options).pool
    found = {str(number): docids for number, docids in made.items()}
    return TrecPool({qid: found[number] for qid, number in numbers.items()})


def fuse(runs: Sequence[TrecRun], method: str = "rrf", k: int = 1000) -> TrecRun:
    """Fuse runs, and order the result as trec_eval does before it is cut.

    ``rrf`` and ``rbp`` are trectools' functions, with its parameters 60 and 0.8; they
    look at 1,000 hits of a run. The others are ``trectools.fusion.combos``, written for
    any number of runs: it takes two alone. See `tasb_pyserini.search.fusion` for
    weights, normalisation and hits that a run lacks.

    Parameters
    ----------
    method
        ``rrf``, ``rbp``, ``sum``, ``max``, ``min``, ``anz``, ``mnz`` or ``med``.
    k
        Most hits of a query.
    """
    ordered = [to_trec_run(from_trec_run(run)) for run in runs]
    if method in RANK_FUSION:
        fused = from_trec_run(RANK_FUSION[method](ordered, max_docs=sys.maxsize))
    elif method in SCORE_FUSION:
        fused = _combine(ordered, method)
    else:
        known = [*RANK_FUSION, *SCORE_FUSION]
        raise TasbError(f"fusion {method!r}: expected one of {', '.join(known)}")
    cut = {qid: dict(ranked(hits)[:k]) for qid, hits in fused.items()}
    return to_trec_run(cut, f"trectools-{method}")


def _combine(runs: Sequence[TrecRun], method: str) -> Run:
    rows = pd.concat([run.run_data for run in runs])
    scores = rows.groupby(["query", "docid"], sort=False)["score"]
    combined = {
        "sum": scores.sum,
        "max": scores.max,
        "min": scores.min,
        "anz": scores.mean,
        "mnz": lambda: scores.sum() * scores.count(),
        "med": scores.median,
    }[method]()
    fused: Run = {}
    for (qid, docid), score in combined.items():
        fused.setdefault(qid, {})[docid] = float(score)
    return fused


def _rows(frame: Any, what: str, value: str) -> Iterator[tuple[str, str, Any]]:
    if frame is None:
        raise TasbError(f"{what}: nothing was read into it; expected a data frame")
    columns = [frame["query"].astype(str), frame["docid"].astype(str), frame[value]]
    return zip(*(column.tolist() for column in columns), strict=True)
