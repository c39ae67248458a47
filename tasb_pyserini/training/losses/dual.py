"""Dual supervision: a pairwise and an in-batch teacher at once."""

from torch import Tensor

from tasb_pyserini.training.losses.precision import at_least_fp32


def dual_supervision(
    pair_loss: Tensor, in_batch_loss: Tensor, *, in_batch_weight: float = 0.75
) -> Tensor:
    r"""Return the weighted sum of the two teachers' losses.

    .. math:: L_\text{DS} = L_\text{Pair} + \alpha L_\text{InB}

    Eq. 8 of the TAS-B paper (SIGIR 2021). Paper and code weigh the in-batch loss
    0.75; with that goes the code's normalisation of the in-batch loss (see
    :func:`~tasb_pyserini.training.losses.in_batch_margin_mse.in_batch_margin_mse`).

    Parameters
    ----------
    pair_loss, in_batch_loss
        Scalars.
    in_batch_weight
        The paper's alpha.

    Returns
    -------
    Tensor
        A scalar.
    """
    return at_least_fp32(pair_loss) + in_batch_weight * at_least_fp32(in_batch_loss)
