"""From vector shards to a Faiss index directory that Pyserini opens."""

from pathlib import Path

import numpy as np

from tasb_pyserini.bindings.faiss_library import load_faiss
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.files import replace_folder
from tasb_pyserini.indexing.shards import read_shards, read_spec


def build_index(vectors: Path, output: Path) -> int:
    """Write ``index``, ``docid`` and ``encoder.json``; return the number of passages.

    The index is Faiss' exact flat inner-product index, as in Pyserini's
    ``encode/optional/_faiss.py``.

    Parameters
    ----------
    vectors
        A complete folder of ``tasb encode``.
    output
        The index directory; what is there is replaced once the new one is complete.

    Raises
    ------
    TasbError
        If the vectors are incomplete, or the index cannot be written.
    """
    faiss = load_faiss()
    spec = read_spec(vectors)
    index = faiss.IndexFlatIP(spec.dimension)
    if output.exists() and any(output.iterdir()) and not (output / "index").is_file():
        raise TasbError(
            f"{output}: holds files but no Faiss index; expected a new or empty "
            f"folder, or an index to replace"
        )
    with replace_folder(output) as folder:
        with (folder / "docid").open("w", encoding="utf-8", newline="\n") as file:
            for docids, shard in read_shards(vectors):
                index.add(np.ascontiguousarray(shard))
                file.writelines(f"{docid}\n" for docid in docids)
        spec.write(folder)
        try:
            faiss.write_index(index, str(folder / "index"))
        except RuntimeError as error:
            raise TasbError(f"{output}: Faiss could not write it ({error})") from error
    return int(index.ntotal)
