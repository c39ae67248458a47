"""Exact search by dot product on the model's device, a block of passages at a time.

A hit is one number, its key: the fp32 score in the upper half, in the lower the
passage's number, counted down. So the higher of two keys has the higher score, and of
equal scores the passage that comes first; no two keys are equal, and the best of them
are the same in whatever blocks they come.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SCORES_AT_ONCE = 1 << 26
"""Scores in memory at a time: 256 MiB."""

NOTHING = torch.iinfo(torch.int64).min
"""The key where there is no passage."""

_LOW = (1 << 32) - 1


def no_hits(n_queries: int, depth: int, device: torch.device) -> Tensor:
    """Return the hits before any passage was seen; int64, ``(n_queries, depth)``."""
    return torch.full((n_queries, depth), NOTHING, dtype=torch.int64, device=device)


def search_block(hits: Tensor, queries: Tensor, passages: Tensor, first: int) -> None:
    """Put the passages of a block among the hits where they are better.

    Parameters
    ----------
    hits
        Keys, best first; changed in place; ``(n_queries, depth)``.
    queries
        fp32, shape ``(n_queries, dimension)``.
    passages
        fp32, shape ``(n_passages, dimension)``.
    first
        Number of the block's first passage.
    """
    at_once = max(1, SCORES_AT_ONCE // max(1, len(passages)))
    for begin in range(0, len(queries), at_once):
        part = slice(begin, begin + at_once)
        keys = _best_keys(queries[part] @ passages.T, first, hits.shape[1])
        hits[part] = merge_hits([hits[part], keys])


def merge_hits(parts: Sequence[Tensor]) -> Tensor:
    """Return the best of several hits of the same queries, as many as in the first."""
    depth = parts[0].shape[1]
    best: Tensor = torch.cat(list(parts), dim=1).topk(depth, dim=1).values
    return best


def passages_of(hits: Tensor) -> NDArray[np.int64]:
    """Return the passages' numbers, -1 where there is none; ``(n_queries, depth)``."""
    numbers = _LOW - (hits & _LOW)
    found: NDArray[np.int64] = numbers.masked_fill(hits == NOTHING, -1).cpu().numpy()
    return found


def _best_keys(scores: Tensor, first: int, depth: int) -> Tensor:
    """Return the keys of the best passages of a block, at most `depth` a query."""
    columns = torch.arange(scores.shape[1], device=scores.device)
    if len(columns) <= depth:
        return _keys(scores, columns + first)
    # Keys are slower to rank than scores, which do where none are equal at the border.
    values, places = scores.topk(depth + 1, dim=1)
    keys = _keys(values[:, :depth], places[:, :depth] + first)
    tied = values[:, depth - 1] == values[:, depth]
    if tied.any():
        of_tied = _keys(scores[tied], columns + first)
        keys[tied] = of_tied.topk(depth, dim=1).values
    return keys


def _keys(scores: Tensor, numbers: Tensor) -> Tensor:
    bits = (scores + 0.0).contiguous().view(torch.int32)  # -0 is 0
    rising = bits ^ ((bits >> 31) & 0x7FFFFFFF)  # of negative ones the bits fall
    return (rising.to(torch.int64) << 32) + (_LOW - numbers)
