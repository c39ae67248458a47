"""Kullback-Leibler divergence from a teacher's distribution over the batch."""

from typing import Literal

from torch import Tensor
from torch.nn.functional import kl_div

from tasb_pyserini.training.losses.precision import at_least_fp32


def kl_divergence(
    scores: Tensor,
    teacher_scores: Tensor,
    *,
    form: Literal["divergence", "code"] = "divergence",
) -> Tensor:
    r"""Return how far the student's distribution over passages is from the teacher's.

    With :math:`P_{ij} = e^{s_{ij}} / \sum_k e^{s_{ik}}` for the student, T likewise for
    the teacher, over all passages of the batch:

    .. math:: L = \frac{1}{B} \sum_i \sum_j T_{ij} (\log T_{ij} - \log P_{ij})

    "KLDiv" in Table 3 of the TAS-B paper (SIGIR 2021). Its list is a query's "in-batch
    and pairwise negatives" with its relevant passage: all passages of the batch, in the
    authors' code too.

    Parameters
    ----------
    scores, teacher_scores
        Shape ``(batch, n_passages)``, here ``(batch, 2 · batch)``.
    form
        ``"divergence"`` is the formula above. ``"code"`` is what the authors' code
        computes (matchmaker, losses/teacher_kldiv_list.py): it hands the student's
        probabilities to a function that wants their logarithms, so that
        :math:`T (\log T - P)` is summed. That is no divergence: it can be negative, and
        it is least where the student gives everything to the teacher's first passage.
        Kept to rerun Table 3.

    Returns
    -------
    Tensor
        A scalar; natural logarithms.
    """
    own = at_least_fp32(scores)
    compared = own.log_softmax(-1) if form == "divergence" else own.softmax(-1)
    target = at_least_fp32(teacher_scores).log_softmax(-1)
    return kl_div(compared, target, reduction="batchmean", log_target=True)
