"""The whole path, from a collection to measured runs of three kinds of search."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from tasb_pyserini.bindings.lucene_hits import LuceneHits
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.names import absolute_name
from tasb_pyserini.evaluation.measures import Measure, evaluate, query_mean
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import check_qids, read_qrels
from tasb_pyserini.formats.records import Qrels, Run, Topics
from tasb_pyserini.formats.runs import write_run
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.formats.work import hold
from tasb_pyserini.indexing.encode import encode_collection
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.indexing.lucene import build_lucene_index
from tasb_pyserini.quickstart.examples import Examples
from tasb_pyserini.quickstart.folder import CollectionFolder
from tasb_pyserini.quickstart.outcome import Outcome, SystemResult
from tasb_pyserini.quickstart.student import train_student
from tasb_pyserini.quickstart.tune import tune_alpha
from tasb_pyserini.quickstart.work import (
    STUDENT,
    begin,
    begun_with_student,
    refuse_other_files,
)
from tasb_pyserini.search.dense import search_topics
from tasb_pyserini.search.faiss_index import FaissIndex
from tasb_pyserini.search.fusion.fuse import interpolate_runs
from tasb_pyserini.search.sparse import bm25_run, open_lucene

MEASURES = [Measure.parse(name) for name in ("nDCG@10", "R@100")]
HITS = 1000
TUNING_HITS = 100
DEFAULT_ALPHA = 0.1
"""Pyserini's default, for a checkpoint that was not trained here."""


def run_quickstart(
    source: Path | None, output: Path, encoder: str | None, say: Callable[[str], None]
) -> Outcome:
    """Index, encode, search, fuse and measure a collection.

    Called again for the same output it goes on where it stopped; called for another
    collection or encoder, it refuses the output before it changes anything there.

    Parameters
    ----------
    source
        Folder of a collection; None: the standard library's docstrings.
    output
        Folder for indexes, vectors, checkpoint and runs.
    encoder
        Name of the encoder; None: the public TAS-B checkpoint if it can be had, else a
        small student trained on the spot.
    say
        Takes a line about each step.

    Raises
    ------
    TasbError
        If the collection is at fault, or the output holds other work or other files.
    """
    if source is not None:
        CollectionFolder(source).check()
    refuse_other_files(output)
    with hold(output):
        encoder = choose_encoder(encoder, output, say)
        if source is None:
            say("Reading the docstrings of the standard library")
        return _run(begin(source, output, encoder), output, encoder, say)


def _run(
    folder: CollectionFolder, output: Path, encoder: str, say: Callable[[str], None]
) -> Outcome:
    topics, qrels = read_topics(folder.topics), read_qrels(folder.qrels)
    check_qids(folder.qrels, qrels, topics)
    threads = os.cpu_count() or 1
    say("Indexing with Anserini")
    passages = build_lucene_index(folder.folder, output / "lucene", threads=threads)
    lucene = open_lucene(output / "lucene")
    examples = None
    if encoder == STUDENT:
        checkpoint, examples = train_student(folder, lucene, output / "student", say)
        encoder = f"tasb:{checkpoint}"
    say(f"Encoding {passages:,} passages")
    loaded = Encoder.load(encoder, device="auto")
    encode_collection(folder.folder, output / "vectors", loaded)
    build_index(output / "vectors", output / "faiss")
    index = FaissIndex(output / "faiss")
    alpha = DEFAULT_ALPHA
    if examples is not None:
        say("Tuning the weight of BM25 on queries that took no part in training")
        alpha = tuned_alpha(lucene, index, loaded, examples)
    say(f"Searching with {len(topics):,} queries")
    results = search_three_ways(lucene, index, loaded, topics, qrels, alpha, output)
    outcome = Outcome(
        collection=str(folder.folder),
        lucene_index=str(output / "lucene"),
        faiss_index=str(output / "faiss"),
        encoder=encoder,
        alpha=alpha,
        passages=passages,
        queries=len(topics),
        results=results,
    )
    outcome.write(output)
    return outcome


def choose_encoder(name: str | None, output: Path, say: Callable[[str], None]) -> str:
    """Return the encoder's name, the public one's, or `STUDENT`."""
    if name is not None:
        return absolute_name(name)
    if begun_with_student(output):
        return STUDENT
    try:
        find_checkpoint("tasb")
    except TasbError as error:
        say(f"No public TAS-B checkpoint, so a small student is trained: {error}")
        return STUDENT
    return "tasb"


def tuned_alpha(
    lucene: LuceneHits, index: FaissIndex, encoder: Encoder, examples: Examples
) -> float:
    """Return the best weight of BM25 on the examples that are kept for it."""
    topics = examples.tuning_topics
    sparse = bm25_run(lucene, topics, TUNING_HITS, threads=os.cpu_count() or 1)
    dense = search_topics(index, encoder, topics, TUNING_HITS)
    return tune_alpha(sparse, dense, examples.tuning_qrels)


def search_three_ways(
    lucene: LuceneHits,
    index: FaissIndex,
    encoder: Encoder,
    topics: Topics,
    qrels: Qrels,
    alpha: float,
    output: Path,
) -> list[SystemResult]:
    """Search, write the runs and measure them."""
    threads = os.cpu_count() or 1
    # The first query of all pays for caches and just-in-time compilation.
    first = dict(list(topics.items())[:1])
    bm25_run(lucene, first, 10, threads=threads)
    search_topics(index, encoder, first, 10)
    start = time.perf_counter()
    sparse = bm25_run(lucene, topics, HITS, threads=threads)
    after_sparse = time.perf_counter()
    dense = search_topics(index, encoder, topics, HITS)
    after_dense = time.perf_counter()
    hybrid = interpolate_runs(sparse, dense, alpha, HITS)
    end = time.perf_counter()
    return [
        measured("BM25", sparse, qrels, after_sparse - start, output),
        measured("dense", dense, qrels, after_dense - after_sparse, output),
        measured("hybrid", hybrid, qrels, end - start, output),
    ]


def measured(
    system: str, run: Run, qrels: Qrels, seconds: float, output: Path
) -> SystemResult:
    """Write a run and return its measures."""
    path = output / f"run.{system.lower()}.txt"
    write_run(path, run, f"tasb-quickstart-{system.lower()}")
    values = evaluate(run, qrels, MEASURES)
    return SystemResult(
        system=system,
        run=str(path),
        measures={str(name): query_mean(each) for name, each in values.items()},
        ms_per_query=1000 * seconds / max(1, len(run)),
    )
