"""From a run and qrels to training triples."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run, Triple
from tasb_pyserini.formats.runs import ranked


@dataclass(slots=True)
class MiningReport:
    """What became of the judged queries; filled while the triples are taken.

    Parameters
    ----------
    queries
        Queries of the qrels.
    triples
        Triples made.
    without_positive
        Queries dropped because no passage reaches the relevance level.
    not_in_run
        Queries dropped because the run has no hits for them.
    without_negative
        Queries dropped because every hit in reach is judged relevant.
    """

    queries: int = 0
    triples: int = 0
    without_positive: int = 0
    not_in_run: int = 0
    without_negative: int = 0


def mine_triples(
    run: Run,
    qrels: Qrels,
    *,
    negatives_per_query: int,
    depth: int,
    skip: int = 0,
    seed: int,
    relevance_level: int = 1,
    report: MiningReport | None = None,
) -> Iterator[Triple]:
    """Yield triples of a judged relevant passage and a hit that is not.

    Each positive of a query meets each of the negatives drawn for the query. What is
    drawn for a query depends on its qid, its hits and the seed alone, never on the
    other queries or their order.

    Parameters
    ----------
    negatives_per_query
        How many hits to draw for a query, without replacement; all where there are
        fewer.
    depth, skip
        Negatives come from the ranks ``skip + 1`` to `depth`. Near the top of a BM25
        run many hits are relevant, only nobody has judged them.
    seed
        At least 0.
    relevance_level
        Lowest grade of a positive. A passage of any grade above 0 is no negative.
    report
        Where to count.

    Raises
    ------
    TasbError
        If an argument is out of range, or, at the end, not one triple came out.
    """
    _check_arguments(negatives_per_query, depth, skip, seed, relevance_level)
    report = MiningReport() if report is None else report
    for qid, grades in qrels.items():
        report.queries += 1
        positives = [docid for docid, g in grades.items() if g >= relevance_level]
        hits = run.get(qid)
        if not positives:
            report.without_positive += 1
        elif not hits:
            report.not_in_run += 1
        else:
            candidates = _candidates(hits, grades, depth, skip)
            if not candidates:
                report.without_negative += 1
                continue
            rng = np.random.default_rng([seed, zlib.crc32(qid.encode())])
            negatives = _draw(candidates, negatives_per_query, rng)
            report.triples += len(positives) * len(negatives)
            for pos in positives:
                for neg in negatives:
                    yield Triple(qid, pos, neg)
    if not report.triples:
        raise _nothing(report)


def _candidates(
    hits: Mapping[str, float], grades: Mapping[str, int], depth: int, skip: int
) -> list[str]:
    in_reach = ranked(hits)[skip:depth]
    return [docid for docid, _ in in_reach if grades.get(docid, 0) < 1]


def _draw(candidates: list[str], count: int, rng: np.random.Generator) -> list[str]:
    """Return `count` of the candidates, best rank first; all where there are fewer."""
    if len(candidates) <= count:
        return candidates
    places = rng.choice(len(candidates), size=count, replace=False)
    return [candidates[place] for place in sorted(places.tolist())]


def _check_arguments(
    negatives_per_query: int, depth: int, skip: int, seed: int, relevance_level: int
) -> None:
    if negatives_per_query < 1:
        raise TasbError(f"negatives {negatives_per_query}: expected at least 1")
    if not 0 <= skip < depth:
        raise TasbError(f"skip {skip}, depth {depth}: expected 0 ≤ skip < depth")
    if seed < 0:
        raise TasbError(f"seed {seed}: expected at least 0")
    if relevance_level < 1:
        raise TasbError(f"relevance level {relevance_level}: expected at least 1")


def _nothing(report: MiningReport) -> TasbError:
    return TasbError(
        f"no triples from {report.queries} judged queries: {report.without_positive} "
        f"without a positive, {report.not_in_run} not in the run, "
        f"{report.without_negative} without a negative; expected a run and qrels of "
        "the same topics and collection"
    )
