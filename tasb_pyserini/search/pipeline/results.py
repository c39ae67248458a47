"""A line of the table for each stage, laid out as the TAS-B paper's Table 7."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.evaluation.measures import evaluate, query_mean
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.search.pipeline.record import Record
from tasb_pyserini.search.pipeline.stages import (
    Fuse,
    Pipeline,
    Rerank,
    Stage,
    sources,
)

NONE = "-"
HEADINGS = ("run", "retrieval", "re-ranking", "#", "ms", "in all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A stage with all below it.

    Parameters
    ----------
    run
        Its run.
    retrieval
        The stages that retrieve, such as ``bm25 + dense``.
    reranking
        The stages that rerank, in order.
    depths
        Hits a query of each of these.
    already
        Whether an earlier call had run the stage.
    ms_per_query
        Wall-clock time of the stage; None where it is not known.
    ms_in_all
        Of the stage and all that it builds on, each once, one after the other.
    measures
        Name → mean over the judged queries.
    path
        Time of each stage in `ms_in_all`.
    """

    run: Path
    retrieval: str
    reranking: tuple[str, ...]
    depths: tuple[int, ...]
    already: bool
    ms_per_query: float | None
    ms_in_all: float | None
    measures: dict[str, float]
    path: dict[str, float | None]

    def cells(self) -> list[str]:
        """Return the cells of the table, in the order of `HEADINGS` and measures."""
        times = (self.ms_per_query, self.ms_in_all)
        return [
            self.run.stem,
            self.retrieval,
            " + ".join(self.reranking) or NONE,
            " + ".join(f"{depth:,}" for depth in self.depths) or NONE,
            *(NONE if ms is None else f"{ms:,.1f}" for ms in times),
            *(f"{value:.4f}" for value in self.measures.values()),
        ]


def make_row(
    stage: Stage,
    pipeline: Pipeline,
    run: Path,
    record: Record,
    above: Mapping[str, Row],
    already: bool,
) -> Row:
    """Return the line of a stage whose sources have theirs."""
    own = record.ms_per_query
    path: dict[str, float | None] = {}
    for name in sources(stage):
        path |= above[name].path
    path[stage.name] = own
    retrieval = stage.name
    reranking: tuple[str, ...] = ()
    depths: tuple[int, ...] = ()
    if isinstance(stage, Fuse):
        retrieval = " + ".join(stage.of)
    if isinstance(stage, Rerank):
        below = above[stage.of]
        retrieval = below.retrieval
        reranking = (*below.reranking, stage.name)
        depths = (*below.depths, stage.depth)
    return Row(
        run=run,
        retrieval=retrieval,
        reranking=reranking,
        depths=depths,
        already=already,
        ms_per_query=own,
        ms_in_all=_sum(path.values()),
        measures=_measure(pipeline, run),
        path=path,
    )


def headings(rows: list[Row]) -> list[str]:
    """Return the headings of the table."""
    return [*HEADINGS, *rows[0].measures]


def write_table(path: Path, rows: list[Row]) -> None:
    """Write the table, its columns parted by tabs."""
    with replace_file(path) as file:
        for cells in (headings(rows), *(row.cells() for row in rows)):
            file.write("\t".join(cells) + "\n")


def _measure(pipeline: Pipeline, run: Path) -> dict[str, float]:
    if pipeline.qrels is None:
        return {}
    values = evaluate(
        read_run(run),
        pipeline.qrels,
        pipeline.measures,
        relevance_level=pipeline.relevance_level,
    )
    return {str(measure): query_mean(of) for measure, of in values.items()}


def _sum(times: Iterable[float | None]) -> float | None:
    known = list(times)
    return None if None in known else sum(filter(None, known))
