"""A collection whose passages end in the queries predicted from them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.formats.check import check_collection
from tasb_pyserini.formats.outputs import refuse_other_files
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.formats.work import MANIFEST
from tasb_pyserini.indexing.expansion.draw import Sampling
from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tasb_pyserini.indexing.expansion.keep import SHARE, keep_best
from tasb_pyserini.indexing.expansion.predict import KEY as QUERIES
from tasb_pyserini.indexing.expansion.predict import SHARD_SIZE, predict_queries
from tasb_pyserini.indexing.expansion.score import KEY as SCORES
from tasb_pyserini.indexing.expansion.score import score_queries
from tasb_pyserini.indexing.expansion.work import read_shard, shards_of

QUERIES_FOLDER, SCORES_FOLDER, COLLECTION_FOLDER = "queries", "scores", "collection"
"""What an output folder holds: both of shards, and the expanded collection."""

COLLECTION_FILE = "docs.jsonl"


@dataclass(frozen=True, slots=True)
class ExpandReport:
    """What an expansion did.

    Parameters
    ----------
    passages
        Passages of the collection.
    queries
        Queries predicted for them.
    kept
        Queries appended: all, or the teacher's best.
    unexpanded
        Passages that nothing was appended to.
    already
        Passages whose queries an earlier run had predicted.
    passages_per_second
        Of the prediction; 0 where nothing was left.
    """

    passages: int
    queries: int
    kept: int
    unexpanded: int
    already: int
    passages_per_second: float


def expand_collection(
    collection: Path,
    output: Path,
    generator: QueryGenerator,
    sampling: Sampling | None = None,
    *,
    teacher: CrossEncoder | None = None,
    keep: float = SHARE,
    shard_size: int | None = None,
    progress: bool = True,
) -> ExpandReport:
    """Expand a collection as docTTTTTquery does (Nogueira and Lin, 2019).

    Parameters
    ----------
    collection
        File or folder; see :func:`~tasb_pyserini.formats.collection.read_collection`.
    output
        A new folder, or one that an earlier run of the same work has begun. The
        expanded collection is in ``collection``; the shards of ``queries`` (and
        ``scores``) stay, so that another share needs no model.
    generator, sampling
        What predicts the queries, and how.
    teacher
        A cross-encoder to filter them with (Doc2Query--); None: all are appended.
    keep
        Share of all queries that the filter keeps.
    shard_size
        Passages a shard; None: by device.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    TasbError
        If the collection is at fault, or `output` holds something else.
    """
    _refuse_other(output)
    summary = check_collection(collection)
    size = shard_size or SHARD_SIZE[generator.model.device.type]
    queries, scores = output / QUERIES_FOLDER, output / SCORES_FOLDER
    predicted = predict_queries(
        collection,
        summary,
        queries,
        generator,
        sampling or Sampling(),
        size,
        progress=progress,
    )
    kept = None
    if teacher is not None:
        score_queries(
            collection, summary, queries, scores, teacher, size, progress=progress
        )
        kept = keep_best(_all_scores(collection, scores, size), keep)
    counts = _append(collection, queries, size, kept, output / COLLECTION_FOLDER)
    return ExpandReport(summary.passages, *counts, *predicted)


def expanded(contents: str, queries: list[str]) -> str:
    r"""Return a passage's text, a line end, and its queries in one line.

    The form of docTTTTTquery's ``msmarco-v1/augment_corpus.py``.

    Examples
    --------
    >>> expanded("Dogs bark.", ["do dogs bark", "what barks"])
    'Dogs bark.\ndo dogs bark what barks'
    """
    return "\n".join(filter(None, (contents, " ".join(filter(None, queries)))))


def _append(
    collection: Path,
    queries: Path,
    size: int,
    kept: NDArray[np.bool_] | None,
    output: Path,
) -> tuple[int, int, int]:
    """Write the expanded collection; return queries, kept ones, bare passages."""
    total = appended = bare = 0
    with replace_file(output / COLLECTION_FILE) as file:
        for passage, of in _rows(collection, queries, size, QUERIES):
            chosen = of
            if kept is not None:
                mask = kept[total : total + len(of)]
                chosen = [query for query, good in zip(of, mask, strict=True) if good]
            total, appended = total + len(of), appended + len(chosen)
            contents = expanded(passage.contents, chosen)
            bare += contents == passage.contents
            file.write(json.dumps({"id": passage.docid, "contents": contents}) + "\n")
    return total, appended, bare


def _all_scores(collection: Path, scores: Path, size: int) -> NDArray[np.float32]:
    rows = (of for _, of in _rows(collection, scores, size, SCORES))
    return np.fromiter(chain.from_iterable(rows), np.float32)


def _rows(
    collection: Path, folder: Path, size: int, key: str
) -> Iterator[tuple[Passage, list[Any]]]:
    for number, shard in enumerate(shards_of(collection, size)):
        yield from zip(shard, read_shard(folder, number, key, shard), strict=True)


def _refuse_other(output: Path) -> None:
    refuse_other_files(
        output,
        _is_begun,
        f"{QUERIES_FOLDER}/{MANIFEST}",
        "the output of the same expansion",
        hidden=False,
    )


def _is_begun(output: Path) -> bool:
    """Tell whether an expansion, killed early or not, has written into a folder."""
    queries = output / QUERIES_FOLDER
    seen = [*output.glob("[!.]*"), *queries.glob("[!.]*")]
    return (queries / MANIFEST).is_file() or seen == [queries]
