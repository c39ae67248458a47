"""The stages that a pipeline may have."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.records import Qrels, Topics
from tasb_pyserini.search.fusion.rule import Fusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Bm25:
    """BM25 on a Lucene index: a folder, or the name of one that Pyserini fetches."""

    name: str
    index: Path | str
    k1: float
    b: float
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dense:
    """Dense search on a Faiss index; `checkpoint` is the encoder's folder."""

    name: str
    index: Path
    encoder: str
    checkpoint: Path
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuse:
    """Fusion of the runs of other stages, in the order that the rule speaks of."""

    name: str
    of: tuple[str, ...]
    fusion: Fusion
    k: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the texts of passages are."""

    kind: Literal["collection", "index", "dataset"]
    place: Path | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerank:
    """Reranking of another stage's run by ``cat``, ``monot5`` or ``duot5``."""

    name: str
    of: str
    model: str
    checkpoint: Path
    depth: int
    source: Source


Stage = Bm25 | Dense | Fuse | Rerank


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """All that a pipeline's file says.

    Parameters
    ----------
    topics
        The queries.
    qrels
        To measure every stage's run with; None: nothing is measured.
    measures, relevance_level
        See :func:`~tasb_pyserini.evaluation.measures.evaluate`.
    stages
        In the order in which they run; each reads only runs of earlier ones.
    """

    topics: Topics
    qrels: Qrels | None
    measures: tuple[Measure, ...]
    relevance_level: int
    stages: tuple[Stage, ...]


def sources(stage: Stage) -> tuple[str, ...]:
    """Return the names of the stages whose runs a stage reads."""
    match stage:
        case Fuse():
            return stage.of
        case Rerank():
            return (stage.of,)
    return ()
