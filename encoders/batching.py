"""Batches of texts that have the same number of tokens."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

TOKENS_PER_BATCH = {"cpu": 4_096, "cuda": 65_536}
"""Most tokens in a batch, by kind of device; fewer where a GPU's memory is short."""


def equal_length_batches(
    lengths: Sequence[int], tokens_per_batch: int
) -> Iterator[list[int]]:
    """Yield the positions of each batch, longest texts first.

    Texts of one batch have the same length, so that nothing is ever padded: no
    computation is wasted, and a vector does not depend on what else is encoded.
    Longest first, so that a batch that does not fit into memory fails at once.

    Parameters
    ----------
    lengths
        Number of tokens of each text.
    tokens_per_batch
        Most tokens in a batch; a longer text is a batch of its own.

    Examples
    --------
    >>> list(equal_length_batches([3, 5, 3, 3], tokens_per_batch=6))
    [[1], [0, 2], [3]]
    """
    positions = defaultdict(list)
    for position, length in enumerate(lengths):
        positions[length].append(position)
    for length in sorted(positions, reverse=True):
        group = positions[length]
        size = max(1, tokens_per_batch // max(1, length))
        for start in range(0, len(group), size):
            yield group[start : start + size]


def encode_by_length(
    ids: Sequence[list[int]],
    dimension: int,
    tokens_per_batch: int,
    forward: Callable[[NDArray[np.int64]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Return one vector a text, fp32, shape ``(n_texts, dimension)``.

    Parameters
    ----------
    ids
        Token ids of each text; of any lengths.
    dimension
        Of the vectors.
    tokens_per_batch
        As of `equal_length_batches`.
    forward
        As of :meth:`~tasb_pyserini.encoders.backends.backend.Backend.forward`.

    Examples
    --------
    >>> encode_by_length([[7], [8, 9]], 1, 6, lambda ids: ids[:, -1:] / 2)
    array([[3.5],
           [4.5]], dtype=float32)
    """
    vectors = np.empty((len(ids), dimension), dtype=np.float32)
    lengths = [len(text) for text in ids]
    for batch in equal_length_batches(lengths, tokens_per_batch):
        vectors[batch] = forward(np.array([ids[i] for i in batch], np.int64))
    return vectors


def score_by_length(
    lengths: Sequence[int],
    tokens_per_batch: int,
    score: Callable[[list[int]], "torch.Tensor"],
    done: Callable[[int], Any] = lambda _: None,
) -> NDArray[np.float32]:
    """Return one score a text, shape ``(n_texts,)``, in the order of `lengths`.

    Parameters
    ----------
    lengths, tokens_per_batch
        As of `equal_length_batches`.
    score
        From the positions of a batch to its scores, shape ``(n_positions,)``; they
        leave their device only at the end.
    done
        Called with the number of texts of each batch.

    Examples
    --------
    >>> import torch
    >>> score_by_length([3, 5, 3], 6, lambda batch: torch.tensor(batch) + 0.5)
    array([0.5, 1.5, 2.5], dtype=float32)
    """
    import torch

    scores, order = [], []
    for batch in equal_length_batches(lengths, tokens_per_batch):
        scores.append(score(batch))
        order += batch
        done(len(batch))
    result = np.empty(len(lengths), np.float32)
    if scores:
        result[order] = torch.cat(scores).cpu().numpy()
    return result
