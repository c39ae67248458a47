"""trectools' evaluator with the values of trec_eval.

Where trectools 0.0.50 itself differs from ``trec_eval -c -l N``:

- It averages over the topics of the run, judged or not: 200 in a run of DL20, of which
  54 are judged. A judged topic that the run has no hits for never counts.
- nDCG takes the rows as they stand; its reader orders ties by ascending docid and
  trec_eval by descending. The other measures sort, by scores in double precision.
- Relevant is what has a grade above 0. Qrels without grades below N would lose their
  share in nDCG, and in bpref the documents that count as not relevant.
- Judging a pair twice, or finding a document twice, counts twice; trec_eval refuses it.
- bpref gives 0, not 1, where no document was judged not relevant.
- Rprec is wrong with pandas 3, which hides the topics from ``groupby.apply``.
- A topic without relevant documents has no value, or NaN, in tables per query.

Here every measure that trec_eval has is computed by its code. RBP and the measures of
understandability remain those of trectools, over the judged topics.
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytrec_eval
from trectools import TrecEval, TrecQrel, TrecRun

from tasb_pyserini.evaluation.measures import (
    Measure,
    describe_coverage,
    evaluate,
    query_mean,
)
from tasb_pyserini.evaluation.trectools_adapter import (
    from_trec_qrel,
    from_trec_run,
    to_trec_qrel,
    to_trec_run,
)
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.formats.runs import ranked


class ExactTrecEval(TrecEval):  # type: ignore[misc]
    """A ``TrecEval`` that gives what ``trec_eval -c -l N -M depth`` gives.

    ``evaluate_all`` and all that builds on the methods below follow. Tables per query
    have a row for each judged topic. With ``trec_eval=False`` a method is that of
    trectools, on judged topics.

    Parameters
    ----------
    run, qrels
        Of trectools; see `to_trec_run` and `to_trec_qrel`.
    relevance_level
        Lowest grade that counts as relevant, except in nDCG.

    Raises
    ------
    TasbError
        If the two share no topic, or hold anything twice.
    """

    def __init__(
        self, run: TrecRun, qrels: TrecQrel, *, relevance_level: int = 1
    ) -> None:
        self._grades: Qrels = from_trec_qrel(qrels)
        found = from_trec_run(run)
        describe_coverage(found, self._grades)
        self._hits: Run = {qid: found[qid] for qid in self._grades if qid in found}
        self._level = relevance_level
        super().__init__(
            _JudgedRun(self._hits, self._grades, run.get_runid()),
            to_trec_qrel(_at_level(self._grades, relevance_level)),
        )

    def get_ndcg(
        self,
        depth: int = 1000,
        per_query: bool = False,
        trec_eval: bool = True,
        removeUnjudged: bool = False,
    ) -> Any:
        """Return nDCG at `depth`, of all grades whatever the relevance level."""
        if not trec_eval:
            return super().get_ndcg(depth, per_query, trec_eval, removeUnjudged)
        return self._measure("nDCG", f"NDCG@{depth}", depth, per_query, removeUnjudged)

    def get_map(
        self, depth: int = 1000, per_query: bool = False, trec_eval: bool = True
    ) -> Any:
        """Return average precision at `depth`."""
        if not trec_eval:
            return super().get_map(depth, per_query, trec_eval)
        return self._measure("AP", f"MAP@{depth}", depth, per_query)

    def get_precision(
        self,
        depth: int = 1000,
        per_query: bool = False,
        trec_eval: bool = True,
        removeUnjudged: bool = False,
    ) -> Any:
        """Return precision at `depth`."""
        if not trec_eval:
            return super().get_precision(depth, per_query, trec_eval, removeUnjudged)
        return self._measure("P", f"P@{depth}", depth, per_query, removeUnjudged)

    def get_recall(
        self,
        depth: int = 1000,
        per_query: bool = False,
        trec_eval: bool = True,
        removeUnjudged: bool = False,
    ) -> Any:
        """Return recall at `depth`."""
        if not trec_eval:
            return super().get_recall(depth, per_query, trec_eval, removeUnjudged)
        return self._measure("R", f"R@{depth}", depth, per_query, removeUnjudged)

    def get_reciprocal_rank(
        self,
        depth: int = 1000,
        per_query: bool = False,
        trec_eval: bool = True,
        removeUnjudged: bool = False,
    ) -> Any:
        """Return the reciprocal rank of the first relevant document up to `depth`."""
        if not trec_eval:
            return super().get_reciprocal_rank(
                depth, per_query, trec_eval, removeUnjudged
            )
        label = f"recip_rank@{depth}"
        return self._measure("RR", label, depth, per_query, removeUnjudged)

    def get_rprec(
        self,
        depth: int = 1000,
        per_query: bool = False,
        trec_eval: bool = True,
        removeUnjudged: bool = False,
    ) -> Any:
        """Return precision at the number of relevant documents, at most `depth`."""
        hits = _cut(self._considered(removeUnjudged), depth)
        values = self._of_trec_eval("Rprec", hits)
        return _returned(values, f"RPrec@{depth}", per_query)

    def get_bpref(
        self, depth: int = 1000, per_query: bool = False, trec_eval: bool = True
    ) -> Any:
        """Return binary preference of the first `depth` hits."""
        values = self._of_trec_eval("bpref", _cut(self._hits, depth))
        return _returned(values, f"Bpref@{depth}", per_query)

    def _measure(
        self,
        name: str,
        label: str,
        depth: int,
        per_query: bool,
        remove_unjudged: bool = False,
    ) -> Any:
        measure = Measure(name, depth)
        values = evaluate(
            self._considered(remove_unjudged),
            self._grades,
            [measure],
            relevance_level=self._level,
        )
        return _returned(values[measure], label, per_query)

    def _considered(self, remove_unjudged: bool) -> Run:
        """Return the hits; of judged documents alone, as ``trec_eval -J``."""
        if not remove_unjudged:
            return self._hits
        return {
            qid: {docid: score for docid, score in hits.items() if docid in judged}
            for qid, hits in self._hits.items()
            for judged in [_judged(self._grades[qid])]
        }

    def _of_trec_eval(self, name: str, hits: Run) -> dict[str, float]:
        judged = {qid: _judged(grades) for qid, grades in self._grades.items()}
        shared = {qid: judged[qid] for qid in hits if hits[qid] and judged[qid]}
        evaluator = pytrec_eval.RelevanceEvaluator(shared, {name}, self._level)
        found = evaluator.evaluate({qid: hits[qid] for qid in shared})
        return {qid: found[qid][name] if qid in found else 0.0 for qid in judged}


class _JudgedRun(TrecRun):  # type: ignore[misc]
    """A run whose topics, which trectools averages over, are the judged ones."""

    def __init__(self, hits: Run, judged: Iterable[str], tag: str) -> None:
        super().__init__()
        self.run_data = to_trec_run(hits, tag).run_data
        self._judged = sorted(judged)

    def topics(self) -> list[str]:
        return self._judged


def _at_level(qrels: Qrels, level: int) -> Qrels:
    """Return qrels in which trectools takes for relevant what is, at this level."""
    return {
        qid: {
            docid: grade if grade >= level else 0
            for docid, grade in _judged(grades).items()
        }
        for qid, grades in qrels.items()
    }


def _judged(grades: dict[str, int]) -> dict[str, int]:
    """Leave out negative grades, which trec_eval's bpref and trectools do not count."""
    return {docid: grade for docid, grade in grades.items() if grade >= 0}


def _cut(run: Run, depth: int) -> Run:
    return {qid: dict(ranked(hits)[:depth]) for qid, hits in run.items()}


def _returned(values: dict[str, float], label: str, per_query: bool) -> Any:
    """Return values in the form of trectools: a table with one column, or the mean."""
    if not per_query:
        return query_mean(values)
    qids = sorted(values)
    index = pd.Index(qids, name="query")
    return pd.DataFrame({label: [values[qid] for qid in qids]}, index=index)
