"""Margin-MSE: learn a teacher's margins between two passages."""

from torch import Tensor

from tasb_pyserini.training.losses.precision import at_least_fp32


def margin_mse(
    pos: Tensor, neg: Tensor, teacher_pos: Tensor, teacher_neg: Tensor
) -> Tensor:
    r"""Return the mean squared error of the student's margins against the teacher's.

    .. math:: L_\text{Pair} = \frac{1}{B} \sum_i
              \left[ (s^+_i - s^-_i) - (T^+_i - T^-_i) \right]^2

    Hofstätter et al., 2020 (arXiv 2010.02666); eq. 6 of the TAS-B paper (SIGIR 2021).
    The paper and its authors' code (matchmaker, losses/msmargin.py) agree.

    Parameters
    ----------
    pos, neg
        The student's scores of each query's relevant and non-relevant passage, shape
        ``(batch,)``.
    teacher_pos, teacher_neg
        The teacher's, same shape.

    Returns
    -------
    Tensor
        A scalar.
    """
    margins = at_least_fp32(pos) - at_least_fp32(neg)
    teacher_margins = at_least_fp32(teacher_pos) - at_least_fp32(teacher_neg)
    return (margins - teacher_margins).square().mean()
