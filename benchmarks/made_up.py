"""Flat indexes of made-up vectors, whose number alone counts."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np

BLOCK = 50_000


def made_up_index(count: int, dimension: int, kind: str) -> Any:
    """Return a flat index in ``fp32`` or ``fp16``, of the same vectors."""
    rng = np.random.default_rng(1)
    codec = faiss.ScalarQuantizer.QT_fp16
    index = (
        faiss.IndexFlatIP(dimension)
        if kind == "fp32"
        else faiss.IndexScalarQuantizer(dimension, codec, faiss.METRIC_INNER_PRODUCT)
    )
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        block = rng.standard_normal((size, dimension), dtype=np.float32)
        if not index.is_trained:
            index.train(block)
        index.add(block)
    return index


def write_index(index: Any, folder: Path) -> None:
    """Write the index directory of an index into a folder that is there."""
    faiss.write_index(index, str(folder / "index"))
    (folder / "docid").write_text("".join(f"{n}\n" for n in range(index.ntotal)))
