"""Scores of every query of a batch with every passage."""

import torch
from torch import Tensor

from tasb_pyserini.training.losses.precision import at_least_fp32


def in_batch_scores(query: Tensor, passages: Tensor) -> Tensor:
    r"""Return the dot product of every query with every passage.

    .. math:: s_{ij} = \hat{q}_i \cdot \hat{p}_j

    BERT_DOT's score (Hofstätter et al., SIGIR 2021, eq. 5). Computed in fp32 even under
    autocast, which would otherwise round matrix products to bf16 or fp16; vectors that
    come in rounded are multiplied as they are.

    Parameters
    ----------
    query
        Vectors, shape ``(n_queries, dimension)``.
    passages
        Vectors, shape ``(n_passages, dimension)``; for the losses the relevant
        passages of the batch, then the non-relevant ones.

    Returns
    -------
    Tensor
        fp32 (fp64 for fp64 vectors), shape ``(n_queries, n_passages)``.
    """
    with torch.autocast(query.device.type, enabled=False):
        return at_least_fp32(query) @ at_least_fp32(passages).T
