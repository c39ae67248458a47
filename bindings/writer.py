"""Pyserini's Faiss writer, for vectors of any dimension, and of a known encoder."""

from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tasb_pyserini.encoders.document import spec_of
from tasb_pyserini.encoders.spec import SPEC_FILE


def adapt_writer(optional_faiss: ModuleType) -> None:
    """Let an index take the dimension of its vectors, and say what encoded them."""
    writer = optional_faiss.FaissRepresentationWriter
    writer.write = write_any_dimension(writer.write, optional_faiss.faiss)
    writer.__exit__ = write_spec_too(writer.__exit__)


def write_any_dimension(write: Any, faiss: Any) -> Any:
    """Wrap ``write``: an empty index takes the dimension of the first vectors.

    ``python -m pyserini.encode … --to-faiss`` builds an index of 768 dimensions unless
    told otherwise, and Faiss then rejects smaller vectors with a bare assertion.
    """

    @wraps(write)
    def write_vectors(
        self: Any, batch_info: dict[str, Any], fields: list[str] | None = None
    ) -> None:
        dimension = np.shape(batch_info["vector"])[-1]
        if self.index.ntotal == 0 and self.index.d != dimension:
            self.dimension = dimension
            self.index = faiss.IndexFlatIP(dimension)
        encoded_by = vars(self).setdefault("encoded_by", set())
        encoded_by.add(spec_of(batch_info["vector"]))
        write(self, batch_info, fields)

    return write_vectors


def write_spec_too(leave: Any) -> Any:
    """Wrap ``__exit__``: the spec lies beside an index that one encoder of ours made.

    A search with another one is refused then.
    """

    @wraps(leave)
    def write_index_and_spec(self: Any, *error: Any) -> None:
        leave(self, *error)
        folder, encoded_by = Path(self.dir_path), vars(self).get("encoded_by", set())
        (folder / SPEC_FILE).unlink(missing_ok=True)  # of what lay there before
        if len(encoded_by) == 1 and (spec := next(iter(encoded_by))) is not None:
            spec.write(folder)

    return write_index_and_spec
