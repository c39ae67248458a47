"""What became of the queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.training.mining.distinct import DistinctCounter

Reason = Literal["without_positive", "not_in_topics", "not_in_run", "without_negative"]
"""Why a query was dropped; see `MiningReport`."""


@dataclass(slots=True)
class MiningReport:
    """Counts of queries, triples and passages; filled while triples are taken.

    Parameters
    ----------
    queries
        Queries of the qrels, or of the triples read.
    triples
        Triples made.
    without_positive
        Queries dropped because no passage reaches the relevance level.
    not_in_topics
        Queries dropped because the topics have no text for them.
    not_in_run
        Queries dropped because they have no hits.
    without_negative
        Queries dropped because every hit in reach is relevant.
    distinct_positives, distinct_negatives
        Passages that stand in the triples as positive, as negative.
    judged_relevant
        Candidates left out because they are judged relevant to the query: hits, or
        triples read whose negative is a positive of the same query.
    same_text
        Candidates left out because their text is that of a positive of the query;
        None where texts were not compared.
    first_dropped
        Reason → the first query dropped for it.
    """

    queries: int = 0
    triples: int = 0
    without_positive: int = 0
    not_in_topics: int = 0
    not_in_run: int = 0
    without_negative: int = 0
    distinct_positives: int = 0
    distinct_negatives: int = 0
    judged_relevant: int = 0
    same_text: int | None = None
    first_dropped: dict[Reason, str] = field(default_factory=dict)

    def drop(self, reason: Reason, qids: Iterable[str]) -> None:
        """Count queries that are dropped."""
        for qid in qids:
            setattr(self, reason, getattr(self, reason) + 1)
            self.first_dropped.setdefault(reason, qid)

    def count(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """Pass triples on and count them and their passages.

        Raises
        ------
        TasbError
            At the end, if there was not one; it says what became of the queries.
        """
        positives, negatives = DistinctCounter(), DistinctCounter()
        for triple in triples:
            self.triples += 1
            positives.add(triple.pos)
            negatives.add(triple.neg)
            yield triple
        self.distinct_positives = len(positives)
        self.distinct_negatives = len(negatives)
        if not self.triples:
            raise self._nothing()

    def _nothing(self) -> TasbError:
        return TasbError(
            f"no triples from {self.queries} queries: {self.without_positive} without "
            f"a positive, {self.not_in_topics} not in the topics, {self.not_in_run} "
            f"without hits, {self.without_negative} without a negative; expected hits, "
            "qrels and topics of the same collection"
        )
