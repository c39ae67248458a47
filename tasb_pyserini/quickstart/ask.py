"""One question against the indexes that a quickstart built."""

import json
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.quickstart.outcome import Outcome
from tasb_pyserini.search.dense import search_topics
from tasb_pyserini.search.faiss_index import FaissIndex
from tasb_pyserini.search.fusion.fuse import interpolate_runs
from tasb_pyserini.search.sparse import bm25_run, open_lucene

DEPTH = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """A passage that answers, with the score of hybrid search."""

    docid: str
    score: float
    text: str


def answer(outcome: Outcome, question: str, k: int) -> list[Answer]:
    """Return the `k` best passages for a question, best first."""
    lucene = open_lucene(outcome.lucene_index, queries=1)
    topics = {"q": question}
    dense = search_topics(
        FaissIndex(Path(outcome.faiss_index)),
        Encoder.load(outcome.encoder),
        topics,
        DEPTH,
    )
    sparse = bm25_run(lucene, topics, DEPTH)
    hits = interpolate_runs(sparse, dense, outcome.alpha, k)["q"]
    return [
        Answer(docid, score, json.loads(lucene.raw(docid))["contents"])
        for docid, score in hits.items()
    ]
