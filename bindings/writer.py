"""Pyserini's Faiss writer, for vectors of any dimension."""

from functools import wraps
from types import ModuleType
from typing import Any

import numpy as np


def adapt_writer(optional_faiss: ModuleType) -> None:
    """Let an empty index take the dimension of the first vectors that come.

    ``python -m pyserini.encode … --to-faiss`` builds an index of 768 dimensions unless
    told otherwise, and Faiss then rejects smaller vectors with a bare assertion.
    """
    writer = optional_faiss.FaissRepresentationWriter
    write = writer.write

    @wraps(write)
    def write_any_dimension(
        self: Any, batch_info: dict[str, Any], fields: list[str] | None = None
    ) -> None:
        dimension = np.shape(batch_info["vector"])[-1]
        if self.index.ntotal == 0 and self.index.d != dimension:
            self.dimension = dimension
            self.index = optional_faiss.faiss.IndexFlatIP(dimension)
        write(self, batch_info, fields)

    writer.write = write_any_dimension
