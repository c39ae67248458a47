"""Which passages make up a batch of masked language modelling."""

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError

POOL = 50
"""Batches whose passages are sorted by length together."""


class LengthBatches:
    """Draws batches of passages of similar length, by the batch's number.

    Each passage is read once an epoch, but for fewer than a batch, which are others
    each time.

    Parameters
    ----------
    lengths
        Of the passages, in tokens.
    batch_size
        Passages a batch.
    seed
        Same seed, same batches.
    pool
        Batches whose passages are sorted together; 1: batches of any lengths.

    Raises
    ------
    TasbError
        If there are fewer passages than a batch needs.
    """

    def __init__(
        self,
        lengths: NDArray[np.int64],
        batch_size: int,
        seed: int,
        pool: int = POOL,
    ) -> None:
        self.per_epoch = len(lengths) // batch_size
        if not self.per_epoch:
            raise TasbError(
                f"batch_size {batch_size}, but {len(lengths)} texts to learn from; "
                "expected a smaller batch or more passages"
            )
        self._lengths, self._batch_size = lengths, batch_size
        self._seed, self._pool = seed, pool
        self._epoch, self._batches = -1, np.empty((0, batch_size), dtype=np.int64)

    def rows(self, number: int) -> NDArray[np.int64]:
        """Return the passages of a batch."""
        epoch, place = divmod(number, self.per_epoch)
        if epoch != self._epoch:
            self._epoch, self._batches = epoch, self._draw(epoch)
        rows: NDArray[np.int64] = self._batches[place]
        return rows

    def _draw(self, epoch: int) -> NDArray[np.int64]:
        rng = np.random.default_rng((self._seed, epoch))
        rows = rng.permutation(len(self._lengths))[: self.per_epoch * self._batch_size]
        size = self._pool * self._batch_size
        if self._pool > 1:
            for start in range(0, len(rows), size):
                some = rows[start : start + size]
                some[:] = some[self._lengths[some].argsort(kind="stable")]
        batches = rows.reshape(-1, self._batch_size)
        return batches[rng.permutation(len(batches))]
