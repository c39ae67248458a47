"""Batches of texts of nearly the same number of tokens, padded: for a GPU."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np
from numpy.typing import NDArray

PADDING = -1
"""Stands after the last token of a shorter text; no token has this id."""

FREE_TOKENS = 4_096
"""A GPU computes fewer tokens no faster: up to so many share a batch at any lengths."""


def near_length_batches(
    lengths: Sequence[int], tokens_per_batch: int
) -> Iterator[list[int]]:
    """Yield the positions of each batch, longest texts first.

    The shortest of a batch has 7/8 of the tokens of the longest or more, so that little
    is padded, unless the batch has no more than `FREE_TOKENS`.

    Parameters
    ----------
    lengths
        Number of tokens of each text.
    tokens_per_batch
        Most tokens in a batch, padding counted; a longer text is a batch of its own.

    Examples
    --------
    >>> lengths = [400, 401] * 9 + [12, 3]
    >>> [len(batch) for batch in near_length_batches(lengths, 7_218)]
    [18, 2]
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    start = 0
    while start < len(order):
        longest = max(1, lengths[order[start]])
        end = start + 1
        while end < len(order):
            tokens = (end + 1 - start) * longest
            near = 8 * lengths[order[end]] >= 7 * longest
            if tokens > tokens_per_batch or (tokens > FREE_TOKENS and not near):
                break
            end += 1
        yield order[start:end]
        start = end


def pad(texts: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return token ids as a matrix, with `PADDING` after the shorter texts.

    Examples
    --------
    >>> pad([[2, 7, 3], [2, 3]])
    array([[ 2,  7,  3],
           [ 2,  3, -1]])
    """
    lengths = np.array([len(text) for text in texts])
    rows = np.full((len(texts), lengths.max()), PADDING, np.int64)
    here = np.arange(rows.shape[1]) < lengths[:, None]
    rows[here] = np.fromiter(chain.from_iterable(texts), np.int64, lengths.sum())
    return rows


def encode_padded(
    ids: Sequence[list[int]],
    dimension: int,
    tokens_per_batch: int,
    forward: Callable[[NDArray[np.int64]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Return one vector a text, fp32, shape ``(n_texts, dimension)``.

    Batches are made while earlier ones are computed, one after the other, in a thread.

    Parameters
    ----------
    ids, dimension, tokens_per_batch, forward
        As of :func:`~tasb_pyserini.encoders.batching.encode_by_length`, but for the
        batches: those of `near_length_batches`.

    Examples
    --------
    >>> encode_padded([[7], [8, 9]], 1, 6, lambda ids: ids[:, :1] / 2)
    array([[3.5],
           [4. ]], dtype=float32)
    """
    vectors = np.empty((len(ids), dimension), dtype=np.float32)
    lengths = [len(text) for text in ids]
    batches = list(near_length_batches(lengths, tokens_per_batch))
    with ThreadPoolExecutor(1) as computing:
        padded = (pad([ids[i] for i in batch]) for batch in batches)
        for batch, some in zip(batches, computing.map(forward, padded), strict=True):
            vectors[batch] = some
    return vectors
