"""The run of each kind of stage, and how long its queries took."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.run_columns import read_run_columns
from tasb_pyserini.formats.runs import (
    needed_decimals,
    read_run,
    write_run,
    write_runs,
)
from tasb_pyserini.formats.write_columns import write_run_columns
from tasb_pyserini.search.fusion.columns import fuse_columns
from tasb_pyserini.search.pipeline.stages import (
    Bm25,
    Dense,
    Fuse,
    Rerank,
    Source,
    Stage,
)
from tasb_pyserini.search.rerank import stage as reranking
from tasb_pyserini.search.rerank.candidates import top
from tasb_pyserini.search.rerank.models import MODELS
from tasb_pyserini.search.rerank.texts import (
    Texts,
    collection_texts,
    dataset_texts,
    lucene_texts,
)
from tasb_pyserini.search.stopwatch import Stopwatch

Search = Callable[[Topics], Iterator[Run]]
"""From topics to the parts of their run, as they are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What stages run on, and texts that they have read.

    Parameters
    ----------
    device
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    threads
        Most threads.
    progress
        Whether to show progress on stderr.
    """

    device: str
    threads: int
    progress: bool
    texts: dict[Source, Texts] = field(default_factory=dict)


def write_stage_run(
    stage: Stage,
    topics: Topics,
    runs: Mapping[str, Path],
    output: Path,
    work: Path,
    machine: Machine,
) -> float | None:
    """Write a stage's run; return the seconds that searching took.

    Indexes, models, texts and runs are opened and read before the clock starts, and
    searchers asked a first query. The run is that of the single commands: ``tasb bm25
    search``, ``search``, ``fuse`` and ``rerank``.

    Parameters
    ----------
    stage
        A stage.
    topics
        The queries.
    runs
        Name of a stage above → its run.
    output
        The run to write; its tag is the stage's name.
    work
        Folder for parts of the work; see
        :func:`~tasb_pyserini.search.rerank.stage.run_stage`.
    machine
        What to run on.

    Returns
    -------
    float | None
        None where an earlier, killed call had done all the work.
    """
    match stage:
        case Fuse():
            return _fuse(stage, runs, output)
        case Rerank():
            hits, seconds = _rerank(stage, topics, runs, work, machine)
            write_run(output, hits, stage.name, needed_decimals(hits))
            return seconds
        case Bm25():
            search = _bm25(stage, machine)
        case Dense():
            search = _dense(stage, machine)
    for _ in search(dict(islice(topics.items(), 1))):  # Java, for one, begins slowly
        pass
    clock = Stopwatch()
    write_runs(output, clock.watch(search(topics)), stage.name)
    return clock.seconds


def _bm25(stage: Bm25, machine: Machine) -> Search:
    from tasb_pyserini.search.sparse import bm25_runs, open_lucene

    lucene, threads = open_lucene(stage.index), machine.threads
    return lambda topics: bm25_runs(
        lucene, topics, stage.hits, k1=stage.k1, b=stage.b, threads=threads
    )


def _dense(stage: Dense, machine: Machine) -> Search:
    from tasb_pyserini.encoders.encoder import Encoder
    from tasb_pyserini.search.dense import dense_runs, encode_topics
    from tasb_pyserini.search.faiss_index import FaissIndex

    encoder = Encoder.load(stage.encoder, device=machine.device)
    index = FaissIndex(stage.index)

    def search(topics: Topics) -> Iterator[Run]:
        vectors = encode_topics(index, encoder, topics)
        qids = list(topics)
        yield from dense_runs(index, qids, vectors, stage.hits, machine.threads)

    return search


def _fuse(stage: Fuse, runs: Mapping[str, Path], output: Path) -> float:
    columns = [read_run_columns(runs[name]) for name in stage.of]
    start = time.perf_counter()
    fused = fuse_columns(columns, stage.fusion, stage.k)
    seconds = time.perf_counter() - start
    write_run_columns(output, fused, stage.name, stage.fusion.decimals)
    return seconds


def _rerank(
    stage: Rerank,
    topics: Topics,
    runs: Mapping[str, Path],
    work: Path,
    machine: Machine,
) -> tuple[Run, float | None]:
    hits = read_run(runs[stage.of])
    texts = _texts(stage, hits, machine)
    load = partial(
        MODELS[stage.model].load, str(stage.checkpoint), device=machine.device
    )
    reranked, report = reranking.run_stage(
        reranking.Stage(stage.model, stage.depth, load),
        hits,
        topics,
        texts,
        work,
        progress=machine.progress,
    )
    if report.inputs == 0:
        return reranked, 0.0
    rate = report.inputs_per_second
    return reranked, report.inputs / rate if rate else None


def _texts(stage: Rerank, hits: Run, machine: Machine) -> Texts:
    docids = dict.fromkeys(
        docid for some in top(hits, stage.depth).values() for docid in some
    )
    source = stage.source
    known = machine.texts.get(source, {})
    if docids.keys() <= known.keys():
        return known
    if source.kind == "index":
        found = lucene_texts(str(source.place), docids, threads=machine.threads)
    elif source.kind == "dataset":
        found = dataset_texts(Path(source.place), docids)
    else:
        found = collection_texts(Path(source.place), docids, progress=machine.progress)
    machine.texts[source] = found
    return found
