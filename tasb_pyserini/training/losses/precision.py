"""The precision losses are computed in."""

import torch
from torch import Tensor


def at_least_fp32(tensor: Tensor) -> Tensor:
    """Return a tensor in fp32 if it is narrower, else as it is.

    Trained scores lie near 100, where neighbouring bf16 numbers are 0.5 apart and
    neighbouring fp16 numbers 0.0625: margins would be mostly rounding.
    """
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
