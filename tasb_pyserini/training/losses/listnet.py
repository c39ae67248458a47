"""ListNet: cross entropy of the passage that comes first."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from tasb_pyserini.training.losses.precision import at_least_fp32


def listnet(scores: Tensor, teacher_scores: Tensor) -> Tensor:
    r"""Return the cross entropy of the student's top-one probabilities.

    .. math:: L = -\frac{1}{B} \sum_i \sum_j
              \frac{e^{t_{ij}}}{\sum_k e^{t_{ik}}}
              \log \frac{e^{s_{ij}}}{\sum_k e^{s_{ik}}}

    Cao et al., ICML 2007 (top-one probabilities), with the teacher's scores
    as the relevance; "ListNet" in Table 3 of the TAS-B paper (SIGIR 2021).

    It is :func:`~tasb_pyserini.training.losses.kl_divergence.kl_divergence` plus the
    teacher's entropy: same gradient, but not 0 where student and teacher agree.
    The authors' code (matchmaker, losses/listnet.py) adds 1e-6 to the student's
    probabilities against log 0; log-softmax needs no such thing, and keeps the
    gradient of passages less likely than that.

    Parameters
    ----------
    scores, teacher_scores
        Shape ``(batch, n_passages)``, here ``(batch, 2 · batch)``.

    Returns
    -------
    Tensor
        A scalar; natural logarithms.
    """
    target = at_least_fp32(teacher_scores).softmax(-1)
    return cross_entropy(at_least_fp32(scores), target)
