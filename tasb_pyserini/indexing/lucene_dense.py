"""From vector shards to Anserini's flat and HNSW indexes, which take unit vectors."""

from pathlib import Path

from tasb_pyserini.bindings.indexer import run_indexer
from tasb_pyserini.bindings.lucene_dense import DenseFolder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import refuse_to_replace
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.formats.temporary import temporary_folder
from tasb_pyserini.indexing.lucene_dense_corpus import write_files
from tasb_pyserini.indexing.lucene_dense_sphere import (
    is_lucene_dense,
    largest_norm,
    unit_passages,
    write_norm,
)
from tasb_pyserini.indexing.shards import read_shards, read_spec

INDEXERS = {
    "lucene-flat": "IndexFlatDenseVectors",
    "lucene-hnsw": "IndexHnswDenseVectors",
}
"""Kind → Anserini's, which runs at its own parameters (HNSW: M 16, efC 100)."""

CORPUS = ["-collection", "ParquetDenseVectorCollection"]
CORPUS += ["-generator", "DenseVectorDocumentGenerator"]


def build_lucene_dense(
    vectors: Path,
    output: Path,
    kind: str,
    *,
    threads: int = 1,
    progress: bool = False,
) -> int:
    """Build a Lucene index whose cosines rank as inner products; return its passages.

    ``docid``, ``encoder.json`` and ``norm.json`` lie beside Lucene's files, which
    Lucene leaves alone. Vectors pass block by block through Parquet files beside
    `output`, as large as the vectors, that Anserini reads.

    Parameters
    ----------
    vectors
        A complete folder of ``tasb encode``, fp32 or fp16.
    output
        The index directory; what is there is replaced once the new one is complete.
    kind
        A key of `INDEXERS`.
    threads
        Of Anserini. With more than one, the order of documents and HNSW's graph
        differ from one time to the next.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    TasbError
        If the vectors are incomplete, or Anserini did not index all of them.
    """
    what = "dense Lucene index"
    refuse_to_replace(output, is_lucene_dense, what, "a dense index")
    target = output.resolve()
    spec, largest = read_spec(vectors), largest_norm(read_shards(vectors))
    with (
        replace_folder(output) as folder,
        temporary_folder(target.with_name(f"{target.name}.corpus")) as corpus,
    ):
        passages = write_files(
            unit_passages(read_shards(vectors), largest),
            corpus,
            "lucene-parquet",
        )
        run_indexer(
            INDEXERS[kind],
            corpus,
            folder,
            CORPUS,
            passages,
            threads=threads,
            progress=progress,
        )
        index = DenseFolder(folder)
        if index.passages != passages:
            raise TasbError(
                f"{output}: Anserini indexed {index.passages:,} of {passages:,} "
                "passages; run the command again, with fewer threads if memory is short"
            )
        with (folder / "docid").open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{docid}\n" for docid in index.docids())
        index.close()
        spec.write(folder)
        write_norm(folder, largest, kind)
    return passages
