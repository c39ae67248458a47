"""Passages as unit vectors in the two forms that Anserini indexes."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.outputs import refuse_to_replace
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.indexing.lucene_dense_sphere import (
    NORM_FILE,
    largest_norm,
    unit_passages,
    write_norm,
)
from tasb_pyserini.indexing.shards import read_shards, read_spec

Vectors = NDArray[np.float32]
Writer = Callable[[Path, Sequence[str], Vectors], None]

CORPUS = "corpus"
"""Folder that holds vectors and nothing else: Anserini reads all files of one."""


def write_dense_corpus(vectors: Path, output: Path, kind: str) -> int:
    """Write what Anserini's own indexers take; return the number of passages.

    ``output/corpus`` is the ``-input`` of ``IndexHnswDenseVectors`` and
    ``IndexFlatDenseVectors``; ``encoder.json`` and ``norm.json`` lie beside it.

    Parameters
    ----------
    vectors
        A complete folder of ``tasb encode``.
    output
        A folder; what an earlier call has written there is replaced.
    kind
        ``lucene-json`` (for ``-collection JsonDenseVectorCollection``) or
        ``lucene-parquet`` (``ParquetDenseVectorCollection``, a quarter of the size).

    Raises
    ------
    TasbError
        If the vectors are incomplete, or `output` holds something else.
    """
    what = "corpus of unit vectors"
    refuse_to_replace(output, is_dense_corpus, what, "such a corpus")
    spec, largest = read_spec(vectors), largest_norm(read_shards(vectors))
    with replace_folder(output) as folder:
        (folder / CORPUS).mkdir()
        passages = write_files(
            unit_passages(read_shards(vectors), largest), folder / CORPUS, kind
        )
        spec.write(folder)
        write_norm(folder, largest, kind)
    return passages


def is_dense_corpus(folder: Path) -> bool:
    """Tell whether a folder is what `write_dense_corpus` wrote."""
    return (folder / CORPUS).is_dir() and (folder / NORM_FILE).is_file()


def write_files(
    blocks: Iterable[tuple[Sequence[str], Vectors]], folder: Path, kind: str
) -> int:
    """Write each block of passages to a file; return the number of passages.

    Anserini's threads take a file each, and hold a Parquet file in memory.
    """
    suffix, write = FORMS[kind]
    passages = 0
    for number, (docids, vectors) in enumerate(blocks):
        write(folder / f"{number:05}.{suffix}", docids, vectors)
        passages += len(docids)
    return passages


def write_json(path: Path, docids: Sequence[str], vectors: Vectors) -> None:
    """Write one object a line: ``docid`` and ``vector``."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(
            f'{{"docid": {json.dumps(docid)}, "vector": {json_array(vector)}}}\n'
            for docid, vector in zip(docids, vectors, strict=True)
        )


def write_parquet(path: Path, docids: Sequence[str], vectors: Vectors) -> None:
    """Write the columns ``docid`` (string) and ``vector`` (list of floats)."""
    import pyarrow as pa
    from pyarrow import parquet

    passages, dimension = vectors.shape
    starts = np.arange(passages + 1, dtype=np.int32) * dimension
    lists = pa.ListArray.from_arrays(pa.array(starts), pa.array(vectors.ravel()))
    table = pa.table({"docid": list(docids), "vector": lists})
    parquet.write_table(table, path, compression="none", use_dictionary=False)


def json_array(vector: Vectors) -> str:
    """Return a vector as JSON; its nine digits give every fp32 number back.

    Examples
    --------
    >>> json_array(np.array([0.1, 1, -2e-7], np.float32))
    '[0.100000001,1,-2.00000002e-07]'
    """
    return f"[{','.join(map('{:.9g}'.format, vector.tolist()))}]"


FORMS: dict[str, tuple[str, Writer]] = {
    "lucene-json": ("jsonl", write_json),
    "lucene-parquet": ("parquet", write_parquet),
}
