"""What every backend can do."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]


class OutOfMemory(Exception):
    """A device's memory was too small for a batch; a smaller one may fit."""


class Backend(Protocol):
    """A loaded model.

    Vectors do not depend on the number of texts in a batch, to the last bit, on a CPU.
    """

    name: str
    """As in ``tasb:NAME``; written into manifests, since backends round differently."""

    device: str
    """``cpu``, ``cuda`` or ``cuda:N``."""

    def forward(self, ids: Ids) -> Vectors:
        """Return the vectors of texts, on a CPU of equal length.

        Parameters
        ----------
        ids
            Token ids, shape ``(n_texts, n_tokens)``; on a GPU with
            :data:`~tasb_pyserini.encoders.padding.PADDING` after shorter texts.

        Returns
        -------
        NDArray
            fp32, ``(n_texts, dimension)``.

        Raises
        ------
        OutOfMemory
            If the batch does not fit.
        """
        ...
