"""The contrastive loss with in-batch negatives."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from tasb_pyserini.training.losses.precision import at_least_fp32


def contrastive(scores: Tensor) -> Tensor:
    r"""Return the softmax cross-entropy of the queries' own relevant passages.

    .. math:: L = -\frac{1}{B} \sum_i \log
              \frac{e^{s_{ii}}}{\sum_j e^{s_{ij}}}

    Binary labels: the relevant passage of a query against the other queries' relevant
    passages and everybody's non-relevant ones (Karpukhin et al., EMNLP 2020, eq. 2 and
    §3.2). Hard negatives are the non-relevant passages: nothing here depends on where
    they come from. No masking: a passage that stands twice in a batch counts as a
    negative.

    Parameters
    ----------
    scores
        Shape ``(batch, n_passages)``, here ``(batch, 2 · batch)``; column i is query
        i's relevant passage.

    Returns
    -------
    Tensor
        A scalar.
    """
    own = torch.arange(len(scores), device=scores.device)
    return cross_entropy(at_least_fp32(scores), own)
