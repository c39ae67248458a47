"""Kullback-Leibler divergence from a teacher's distribution over the batch."""

from torch import Tensor
from torch.nn.functional import kl_div

from tasb_pyserini.training.losses.precision import at_least_fp32


def kl_divergence(scores: Tensor, teacher_scores: Tensor) -> Tensor:
    r"""Return how far the student's distribution over passages is from the teacher's.

    With :math:`P_{ij} = e^{s_{ij}} / \sum_k e^{s_{ik}}` for the student, T likewise for
    the teacher, over all passages of the batch:

    .. math:: L = \frac{1}{B} \sum_i \sum_j T_{ij} (\log T_{ij} - \log P_{ij})

    "KLDiv" in Table 3 of the TAS-B paper (SIGIR 2021). Its list is a query's "in-batch
    and pairwise negatives" with its relevant passage: all passages of the batch, in the
    authors' code too. That code (matchmaker, losses/teacher_kldiv_list.py) hands the
    student's probabilities to a function that wants their logarithms, and so computes
    no divergence: it can be negative, and is least where the student gives everything
    to the teacher's first passage. This is the divergence.

    Parameters
    ----------
    scores, teacher_scores
        Shape ``(batch, n_passages)``, here ``(batch, 2 · batch)``.

    Returns
    -------
    Tensor
        A scalar; natural logarithms.
    """
    student = at_least_fp32(scores).log_softmax(-1)
    teacher = at_least_fp32(teacher_scores).log_softmax(-1)
    return kl_div(student, teacher, reduction="batchmean", log_target=True)
