"""Triples of qrels' positives and of hits, into a file."""

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from tasb_pyserini.formats.records import Qrels, Topics, Triple
from tasb_pyserini.formats.triples import write_triples
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.mine import Hits, mine_triples, queries_to_mine
from tasb_pyserini.training.mining.passages import PassageKeys, UnknownPassage
from tasb_pyserini.training.mining.report import MiningReport
from tasb_pyserini.training.mining.unknown import unknown_passage

FindHits = Callable[[Collection[str], Topics], Hits]
"""From qids, and the topics as far as there are any, to the hits in that order."""


def write_mined(
    find_hits: FindHits,
    qrels: Qrels,
    output: Path,
    config: MiningConfig,
    *,
    qrels_file: Path,
    source: Path,
    topics: Topics | None = None,
    collection: Path | None = None,
) -> MiningReport:
    """Write triples of the qrels' positives and the hits of their queries.

    Parameters
    ----------
    find_hits
        Finds the hits to draw negatives from; asked once.
    qrels
        Judgments.
    output
        TSV file of qid, pos, neg.
    config
        How negatives are drawn.
    qrels_file, source
        Where the judgments stand, and the run or index that the hits are of, for
        errors.
    topics
        Leave out other queries; None: none.
    collection
        Leave out negatives with the text of a positive; None: don't look.

    Raises
    ------
    TasbError
        If a file is at fault, or the collection lacks a passage.
    """
    wanted = queries_to_mine(qrels, config.relevance_level, topics)
    hits = find_hits(wanted, topics or {})
    keys = None if collection is None else PassageKeys.read(collection, progress=True)
    report = MiningReport()

    def named(triples: Iterable[Triple]) -> Iterator[Triple]:
        try:
            yield from triples
        except UnknownPassage as error:
            assert collection is not None
            raise unknown_passage(
                error.docid, collection, qrels_file, config.relevance_level, source
            ) from error

    with tqdm(hits, total=len(wanted), unit=" queries") as counted:
        triples = mine_triples(
            counted, qrels, config, topics=topics, keys=keys, report=report
        )
        write_triples(output, named(triples))
    return report
