"""Batches of passages, and of pairs of texts, as padded tensors.

Both are pair batches, which the training loop reads: of passages alone the queries, and
of pairs the queries and the positives; what is left is empty.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from tasb_pyserini.training.batches.compose import PairBatch, Texts
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
    specials
        Ids of [CLS] and [SEP].
    seed
        Of the pairs.
    """

    def __init__(
        self,
        texts: PassageParts,
        kind: Contrastive,
        specials: tuple[int, int],
        seed: int,
    ) -> None:
        self.texts, self.kind = texts, kind
        self._specials, self._seed = specials, seed

    def batch(self, number: int, rows: NDArray[np.int64]) -> PairBatch:
        """Return a batch of passages; its number decides the pairs."""
        if self.kind == "none":
            whole = self._pad([self.texts[row] for row in rows])
            return PairBatch(number, whole, NONE, NONE, None, None)
        rng = np.random.default_rng((self._seed, number))
        pairs = [pairs_of(self.texts, self.kind, int(row), rng) for row in rows]
        first, second = (self._pad(side) for side in zip(*pairs, strict=True))
        return PairBatch(number, first, second, NONE, None, None)

    def _pad(self, texts: Sequence[NDArray[np.integer]]) -> Texts:
        """Return texts between [CLS] and [SEP], padded to the longest of them."""
        cls_id, sep_id = self._specials
        lengths = np.array([len(text) for text in texts])
        ids = np.zeros((len(texts), lengths.max() + 2), dtype=np.int64)
        ids[:, 0] = cls_id
        for row, text in zip(ids, texts, strict=True):
            row[1 : len(text) + 1] = text
            row[len(text) + 1] = sep_id
        mask = np.arange(ids.shape[1]) < lengths[:, None] + 2
        return Texts(torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64)))


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
