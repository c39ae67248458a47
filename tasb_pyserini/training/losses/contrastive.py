"""The contrastive loss with in-batch negatives."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def in_batch_contrastive(query: Tensor, pos: Tensor, neg: Tensor) -> Tensor:
    r"""Return the softmax cross-entropy over all passages of the batch.

    .. math:: L = -\frac{1}{B} \sum_i \log \frac{e^{q_i \cdot p_i}}
              {\sum_j e^{q_i \cdot p_j} + \sum_j e^{q_i \cdot n_j}}

    Binary labels: the relevant passage of a query against the other queries' relevant
    passages and everybody's non-relevant ones (Karpukhin et al., EMNLP 2020, eq. 2 and
    §3.2). No masking: a passage that stands twice in a batch counts as a negative.

    Scores are computed in fp32 under any autocast: near 100, where trained scores lie,
    neighbouring bf16 numbers are 0.5 apart.

    Parameters
    ----------
    query, pos, neg
        Vectors, shape ``(batch, dimension)``; row i of each belongs to query i.

    Returns
    -------
    Tensor
        A scalar.
    """
    with torch.autocast(query.device.type, enabled=False):
        dtype = torch.promote_types(query.dtype, torch.float32)
        passages = torch.cat([pos, neg]).to(dtype)  # (2 · batch, dimension)
        scores = query.to(dtype) @ passages.T  # (batch, 2 · batch)
        own = torch.arange(len(query), device=query.device)
        return cross_entropy(scores, own)
