"""MaxSim: for each token of a query its best token of a passage, summed."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from tasb_pyserini.training.losses.precision import at_least_fp32

MOST_ELEMENTS = 1 << 24
"""Most token scores at a time: 64 MiB in fp32. All of a TAS-B batch are 47 times that:
256 queries of 30 tokens with 512 passages of 200."""

MOST_PADDED = 0.75
"""Passages shorter than this share of the longest are not scored with it."""

PADDING = -1000.0
"""The score of a passage's padding; matchmaker's ``models/colbert.py``."""


def maxsim(
    query: Tensor,
    query_mask: Tensor,
    passages: Tensor,
    passage_mask: Tensor,
    *,
    most_elements: int = MOST_ELEMENTS,
) -> Tensor:
    """Return the MaxSim score of each query with each passage, in fp32.

    The sum over a query's tokens of the highest dot product with a token of the passage
    (Khattab and Zaharia, SIGIR 2020, eq. 3), without their scaling to length 1. Padding
    of passages scores :data:`PADDING`, which a passage whose tokens all score lower can
    get as well; padding of queries counts 0. So does ``forward_inbatch_aggregation`` of
    matchmaker's ``models/colbert.py``, which makes the whole tensor of token scores.

    Here there are never more than `most_elements`. Padding of queries is left out, and
    so is most of the passages', as those of about one length go together. With a
    gradient, what is kept for it is the place of each maximum, not the token scores.

    Parameters
    ----------
    query
        Token vectors, shape ``(n_queries, query_tokens, dimension)``.
    query_mask
        1 for tokens, 0 for padding, shape ``(n_queries, query_tokens)``.
    passages, passage_mask
        The same of the passages.
    most_elements
        Most token scores at a time; at least as many as a passage has tokens.

    Returns
    -------
    Tensor
        Shape ``(n_queries, n_passages)``; fp32, or fp64 of fp64 vectors. The same under
        any autocast.
    """
    n_queries, query_tokens, dimension = query.shape
    tokens = passages.shape[1]
    if most_elements < tokens:
        raise ValueError(f"most_elements {most_elements}: expected at least {tokens}")
    with torch.autocast(query.device.type, enabled=False):
        rows = query_mask.flatten().nonzero().squeeze(1)
        query_vectors = at_least_fp32(query.flatten(0, 1)[rows])  # (n_rows, dimension)
        lengths = passage_lengths(passage_mask)
        order = lengths.argsort(descending=True, stable=True)
        scores = []
        # A chunk's vectors are copied, so they count as well as its token scores.
        height = max(n_queries * query_tokens, dimension)
        for begin, end, width in _chunks(
            lengths[order].tolist(), tokens, most_elements // height
        ):
            some = order[begin:end]
            best = _best_scores(
                query_vectors,
                at_least_fp32(passages[some, :width]),
                passage_mask[some, :width],
                most_elements,
            )
            padded = best.new_zeros(n_queries * query_tokens, end - begin)
            padded = padded.index_copy(0, rows, best)
            scores.append(padded.view(n_queries, query_tokens, -1).sum(dim=1))
        return torch.cat(scores, dim=1)[:, order.argsort()]


def maxsim_pairs(
    query: Tensor, query_mask: Tensor, passages: Tensor, passage_mask: Tensor
) -> Tensor:
    """Return the MaxSim score of query i with passage i, shape ``(n_pairs,)``.

    As `maxsim`, with one passage a query.
    """
    with torch.autocast(query.device.type, enabled=False):
        scores = at_least_fp32(query) @ at_least_fp32(passages).transpose(1, 2)
        scores = scores.masked_fill(passage_mask.unsqueeze(1) == 0, PADDING)
        return (scores.max(dim=2).values * query_mask).sum(dim=1)


def passage_lengths(mask: Tensor) -> Tensor:
    """Return the number of tokens up to the last one, shape ``(n_texts,)``.

    Examples
    --------
    >>> passage_lengths(torch.tensor([[1, 1, 0], [1, 1, 1], [0, 0, 0]])).tolist()
    [2, 3, 0]
    """
    place = torch.arange(1, mask.shape[1] + 1, device=mask.device)
    return ((mask != 0) * place).amax(dim=1)


def _chunks(
    lengths: Sequence[int], tokens: int, most_tokens: int
) -> Iterator[tuple[int, int, int]]:
    """Yield ``(begin, end, width)`` of passages sorted by falling length.

    A passage that has padding keeps one token of it, for its score.
    """
    begin = 0
    while begin < len(lengths):
        width = min(lengths[begin] + 1, tokens)
        end = min(begin + max(1, most_tokens // width), len(lengths))
        while lengths[end - 1] + 1 < MOST_PADDED * width:
            end -= 1
        yield begin, end, width
        begin = end


def _best_scores(
    query_vectors: Tensor, passages: Tensor, mask: Tensor, most_elements: int
) -> Tensor:
    """Return the highest score of each query token, shape ``(n_rows, n_passages)``."""
    n_passages, width, _ = passages.shape
    vectors = passages.flatten(0, 1).T  # (dimension, n_passages · width)
    padding = (mask == 0).flatten()
    best = []
    height = max(1, most_elements // (n_passages * width))
    for some in torch.split(query_vectors, height):
        scores = (some @ vectors).masked_fill_(padding, PADDING)
        # amax would keep the scores for its gradient; max keeps the places.
        best.append(scores.view(len(some), n_passages, width).max(dim=2).values)
        del scores  # before the next are made
    return torch.cat(best)
