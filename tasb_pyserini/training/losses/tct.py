"""TCT-ColBERT's in-batch knowledge distillation."""

from torch import Tensor

from tasb_pyserini.training.losses.kl_divergence import kl_divergence
from tasb_pyserini.training.losses.precision import at_least_fp32


def tct_kl_divergence(
    scores: Tensor, teacher_scores: Tensor, *, temperature: float = 0.25
) -> Tensor:
    r"""Return the student's divergence from the teacher's sharpened distribution.

    .. math:: L = \frac{1}{B} \sum_i \sum_j T_{ij} \log \frac{T_{ij}}{P_{ij}}, \quad
              T_{ij} = \frac{e^{t_{ij} / \tau}}{\sum_k e^{t_{ik} / \tau}}, \quad
              P_{ij} = \frac{e^{s_{ij}}}{\sum_k e^{s_{ik}}}

    Lin et al., RepL4NLP 2021, eq. 2 to 4: over every query and passage of the batch;
    the temperature, 0.25 (§4.1.1), divides the teacher's scores alone. Their eq. 3 sums
    over queries, their code (castorini/tct_colbert, train/model_fn.py) averages, as
    here: the minimum is the same.

    It is the student's whole loss, in their code as in §4.1.1. Eq. 1's contrastive
    loss, :func:`~tasb_pyserini.training.losses.contrastive.contrastive`, trains the
    teacher, the baseline, and the student of the "HN" strategy, which has no teacher
    (§3.3); the paper says the two "can be integrated", and gives no weights.

    Parameters
    ----------
    scores, teacher_scores
        Shape ``(batch, n_passages)``, here ``(batch, 2 · batch)``.
    temperature
        τ; below 1 the teacher's distribution becomes sharper.

    Returns
    -------
    Tensor
        A scalar; natural logarithms.
    """
    return kl_divergence(scores, at_least_fp32(teacher_scores) / temperature)
