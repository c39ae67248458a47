"""Batches of texts that have the same number of tokens."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch


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
