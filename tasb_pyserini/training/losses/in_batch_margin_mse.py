"""Margin-MSE between a relevant passage and the passages of other queries."""

from typing import Literal

import torch
from torch import Tensor

from tasb_pyserini.training.losses.precision import at_least_fp32


def in_batch_margin_mse(
    scores: Tensor,
    teacher_scores: Tensor,
    *,
    normalisation: Literal["code", "equation"] = "code",
) -> Tensor:
    r"""Return the squared errors of the margins to the other passages of the batch.

    With :math:`e^\pm_{ij} = (s^+_{ii} - s^\pm_{ij}) - (t^+_{ii} - t^\pm_{ij})`, where
    :math:`s^+_{ij}` is query i's score for query j's relevant passage, :math:`s^-_{ij}`
    for its non-relevant one, and t are the teacher's:

    .. math:: L_\text{code} =
              \frac{1}{2} \frac{1}{B (B - 1)} \sum_{i \neq j} (e^+_{ij})^2 +
              \frac{1}{2} \frac{1}{B (B - 1)} \sum_{i \neq j} (e^-_{ij})^2

    .. math:: L_\text{equation} = \frac{1}{2B} \left(
              \sum_{i,j} (e^-_{ij})^2 + \sum_{i,j} (e^+_{ij})^2 \right)

    Gradient flows through :math:`s^+_{ii}` in every term. Nothing is masked: a passage
    that stands twice in a batch is the same pair to student and teacher.

    Parameters
    ----------
    scores, teacher_scores
        Shape ``(batch, 2 · batch)``: relevant passages, then non-relevant ones.
    normalisation
        ``"code"`` is what trained the published model (matchmaker, train.py): the mean
        over the other queries' passages. A query's own non-relevant passage is left to
        the pairwise teacher. The authors' in-batch weight, 0.75, is meant for this one.
        A batch of one query has no others: the loss is 0 and so is its gradient.

        ``"equation"`` is eq. 7 of the TAS-B paper (SIGIR 2021) to the letter: the sum
        over all passages of the batch, divided by twice the number of queries, so
        about ``batch`` times larger. A query's own non-relevant passage counts; its own
        relevant passage, at margin 0 for both, adds nothing.

    Returns
    -------
    Tensor
        A scalar.
    """
    scores, teacher_scores = at_least_fp32(scores), at_least_fp32(teacher_scores)
    margins = scores.diagonal()[:, None] - scores  # (batch, 2 · batch)
    teacher_margins = teacher_scores.diagonal()[:, None] - teacher_scores
    errors = (margins - teacher_margins).square()
    batch = len(scores)
    if normalisation == "equation":
        return errors.sum() / (2 * batch)
    own = torch.eye(batch, dtype=torch.bool, device=scores.device).repeat(1, 2)
    others = batch * (batch - 1)
    return errors.masked_fill(own, 0).sum() / (2 * max(others, 1))
