"""Batches of passages, and of pairs of texts, as padded tensors.

Both are pair batches, which the training loop reads: of passages alone the queries, and
of pairs the queries and the positives; what is left is empty.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.training.batches.compose import PairBatch, Texts, frame
from tasb_pyserini.training.batches.loader import RELEASE_EVERY
from tasb_pyserini.training.pretrain.batches import LengthBatches
from tasb_pyserini.training.pretrain.config import Contrastive
from tasb_pyserini.training.pretrain.pairs import pairs_of
from tasb_pyserini.training.pretrain.texts import PassageParts

NONE = Texts(torch.zeros(0, 0, dtype=torch.int64), torch.zeros(0, 0, dtype=torch.int64))


class Composer:
    """Makes batches of some passages.

    Parameters
    ----------
    texts
        Passages.
    kind
        ``none`` for whole passages, or what pairs are made of.
    tokenizer
        Of the encoder.
    seed
        Of the pairs.
    """

    def __init__(
        self,
        texts: PassageParts,
        kind: Contrastive,
        tokenizer: Tokenizer,
        seed: int,
    ) -> None:
        self.texts, self.kind = texts, kind
        self._tokenizer, self._seed = tokenizer, seed

    def batch(self, number: int, rows: NDArray[np.int64]) -> PairBatch:
        """Return a batch of passages; its number decides the pairs."""
        if self.kind == "none":
            whole = frame([self.texts[row] for row in rows], self._tokenizer)
            return PairBatch(number, whole, NONE, NONE, None, None)
        rng = np.random.default_rng((self._seed, number))
        pairs = [pairs_of(self.texts, self.kind, int(row), rng) for row in rows]
        first, second = (
            frame(side, self._tokenizer) for side in zip(*pairs, strict=True)
        )
        return PairBatch(number, first, second, NONE, None, None)


def training_batches(
    composer: Composer,
    rows: NDArray[np.int64],
    batches: LengthBatches,
    start: int,
    stop: int,
    *,
    rank: int = 0,
    world_size: int = 1,
    pin_memory: bool = False,
) -> Iterator[PairBatch]:
    """Yield the batches `start` to `stop` - 1; see :class:`~..segments.LoadBatches`.

    Parameters
    ----------
    composer
        Makes them.
    rows
        The passages to learn from.
    batches
        Chooses among `rows`.
    start, stop
        Numbers of the first batch, and of the one after the last.
    rank, world_size, pin_memory
        As the training loop asks; there is one process, and no pinned memory.
    """
    for number in range(start, stop):
        yield composer.batch(number, rows[batches.rows(number)])
        if (number + 1) % RELEASE_EVERY == 0:
            composer.texts.sentences.release()
