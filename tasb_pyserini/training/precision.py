"""The precision a transformer computes in."""

import torch

from tasb_pyserini.training.config import Precision

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Return the context in which a transformer computes in a precision.

    With ``no`` none outside applies either.

    Examples
    --------
    >>> layer, vector = torch.nn.Linear(2, 2), torch.zeros(2)
    >>> with autocast(torch.device("cpu"), "bf16"):
    ...     layer(vector).dtype
    torch.bfloat16
    """
    return torch.autocast(device.type, _TYPES.get(precision), enabled=precision != "no")
