"""Query vectors as topics that stock Pyserini and Anserini search Lucene with.

Their encoders for Lucene are classes of Java with their own checkpoints; a query that
is encoded already goes in as the text of a topic.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.indexing.lucene_dense_corpus import json_array
from tasb_pyserini.indexing.lucene_dense_sphere import unit_queries

SUFFIXES = (".tsv", ".jsonl")


def lucene_queries(vectors: NDArray[np.float32]) -> list[str]:
    """Return query vectors as the texts to search with.

    ``LuceneHnswDenseSearcher(folder, ef_search=1000).search(text, 1000)`` takes one,
    and so does ``LuceneFlatDenseSearcher``.

    Parameters
    ----------
    vectors
        Shape ``(n_queries, dimension)``, as the encoder gives them.

    Examples
    --------
    >>> lucene_queries(np.array([[3, 4]], np.float32))
    ['[0.600000024,0.800000012,0]']
    """
    return [json_array(query) for query in unit_queries(vectors)[0]]


def write_vector_topics(
    path: Path, qids: Sequence[str], vectors: NDArray[np.float32]
) -> None:
    """Write encoded queries as topics.

    Parameters
    ----------
    path
        ``.tsv``: qid and vector, for Pyserini's ``--topics`` and Anserini's
        ``-topicReader TsvString``. ``.jsonl``: ``qid`` and ``vector``, for Anserini's
        ``-topicReader JsonStringVector -topicField vector``.
    qids
        As many as there are vectors.
    vectors
        Shape ``(n_queries, dimension)``, as the encoder gives them.

    Raises
    ------
    TasbError
        If the file's name ends otherwise, or it cannot be written.
    """
    if path.suffix not in SUFFIXES:
        raise TasbError(
            f"{path}: topics of vectors end in .tsv (Pyserini, Anserini) or .jsonl "
            "(Anserini)"
        )
    with replace_file(path) as file:
        for qid, vector in zip(qids, lucene_queries(vectors), strict=True):
            if path.suffix == ".tsv":
                file.write(f"{qid}\t{vector}\n")
            else:
                file.write(f'{{"qid": {json.dumps(qid)}, "vector": {vector}}}\n')
