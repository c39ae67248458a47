"""How well a model does on passages that training never sees."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.pretrain.compose import Composer

MOST = 500
"""More held-out passages than this are thinned out evenly."""


class HeldOut:
    """Held-out passages, always in the same batches with the same masks and pairs.

    Parameters
    ----------
    composer
        Makes the batches.
    rows
        Numbers of the held-out passages.
    batch_size
        Passages a batch.
    """

    def __init__(
        self, composer: Composer, rows: NDArray[np.int64], batch_size: int
    ) -> None:
        rows = rows[:: -(-len(rows) // MOST)] if len(rows) else rows
        if composer.kind == "none":
            rows = rows[composer.texts.lengths()[rows].argsort(kind="stable")]
        else:  # negatives from all collections, as in training
            rows = np.random.default_rng(0).permutation(rows)
        self._composer = composer
        self._batches = [
            rows[start : start + batch_size]
            for start in range(0, len(rows), batch_size)
        ]

    def __len__(self) -> int:
        return len(self._batches)

    def measure(self, losses_of: Callable[[PairBatch], Losses]) -> dict[str, float]:
        """Return the mean of each loss of a batch over the passages."""
        sums: dict[str, float] = defaultdict(float)
        with torch.no_grad():
            for number, rows in enumerate(self._batches):
                losses = losses_of(self._composer.batch(number, rows))
                for name, value in losses.items():
                    sums[name] += value.item() * len(rows)
        n = sum(map(len, self._batches))
        return {name: value / n for name, value in sums.items()}
