"""LambdaLoss: pairs in the wrong order, weighted by what they cost in nDCG."""

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from tasb_pyserini.training.losses.precision import at_least_fp32

_PLAUSIBLE = 0.001
_BONUS = 2.0


def lambda_loss(
    scores: Tensor,
    teacher_scores: Tensor,
    *,
    normalisation: Literal["code", "equation"] = "code",
) -> Tensor:
    r"""Return NDCG-Loss2 of the student's ranking of the batch's passages.

    For one query whose passage j stands at rank :math:`r_j` by the student's scores:

    .. math:: \ell = \sum_{y_j > y_k} \delta_{|r_j - r_k|} \, |G_j - G_k| \,
              \log_2 \left( 1 + e^{-(s_j - s_k)} \right)

    .. math:: \delta_d = \frac{1}{D_d} - \frac{1}{D_{d+1}}, \quad
              D_r = \log_2 (1 + r), \quad
              G_j = \frac{2^{y_j} - 1}{\max \text{DCG}}

    Wang et al., CIKM 2018 (NDCG-Loss2 of steepness 1, ranks taken as they are: no
    gradient flows through δ and G); "Lambdarank", called "the LambdaLoss version
    nDCG2", in Table 3 of the TAS-B paper (SIGIR 2021). Equal scores rank in the order
    of their columns.

    **Relevance y.** nDCG wants small grades, and a teacher's scores are neither small
    nor positive: :math:`2^{100}` would leave nothing but the first passage. No paper
    says what to do. As in the authors' code (matchmaker, losses/lambdarank.py,
    ``LambdaLossTeacher``), y is the teacher's softmax over the passages, plus 2 where
    that exceeds 0.001: passages the teacher finds plausible have grades from 2 to 3,
    the rest about 0. A constant added to a query's teacher scores changes nothing.

    Their code clips probabilities of a right order at 1e-6, so that pairs more than
    13.8 the wrong way give no gradient; here they keep theirs.

    Parameters
    ----------
    scores, teacher_scores
        Shape ``(batch, n_passages)``, here ``(batch, 2 · batch)``. Memory grows with
        ``batch · n_passages²``: about 0.3 GB an intermediate for 256 queries.
    normalisation
        ``"code"`` sums :math:`\ell` over the queries, as the authors' code;
        ``"equation"`` averages it, as Wang et al. do.

    Returns
    -------
    Tensor
        A scalar.
    """
    scores = at_least_fp32(scores)
    with torch.no_grad():
        weights = _distance_discounts(scores) * _gain_differences(teacher_scores)
    differences = scores[:, :, None] - scores[:, None, :]
    loss = -(weights * logsigmoid(differences)).sum() / math.log(2)
    return loss if normalisation == "code" else loss / len(scores)


def _distance_discounts(scores: Tensor) -> Tensor:
    """Return δ of every pair's distance in rank; 0 for a passage with itself."""
    ranks = scores.argsort(descending=True, stable=True).argsort()
    distances = (ranks[:, :, None] - ranks[:, None, :]).abs()
    discounts = _discounts(scores)
    table = torch.cat([discounts.new_zeros(1), discounts[:-1] - discounts[1:]])
    return table[distances]  # (batch, n_passages, n_passages)


def _gain_differences(teacher_scores: Tensor) -> Tensor:
    """Return G_j - G_k where y_j > y_k, else 0; shape (batch, j, k)."""
    relevance = at_least_fp32(teacher_scores).softmax(-1)
    relevance = relevance + _BONUS * (relevance > _PLAUSIBLE)
    gains = torch.exp2(relevance) - 1
    ideal = gains.sort(descending=True).values * _discounts(gains)
    gains = gains / ideal.sum(-1, keepdim=True)
    return (gains[:, :, None] - gains[:, None, :]).clamp(min=0)


def _discounts(scores: Tensor) -> Tensor:
    """Return 1 / log2(1 + rank) for ranks from 1; shape ``(n_passages,)``."""
    ranks = torch.arange(
        1, scores.shape[1] + 1, dtype=scores.dtype, device=scores.device
    )
    return 1 / torch.log2(1 + ranks)
