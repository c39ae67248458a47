"""The device that a model runs on, and the precision that it computes in."""

from typing import Literal

import torch

from tasb_pyserini.formats.errors import TasbError

Precision = Literal["fp32", "bf16"]

_HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Return the context in which a transformer computes in a precision.

    With any but bf16 and fp16 none outside applies either.

    Examples
    --------
    >>> layer, vector = torch.nn.Linear(2, 2), torch.zeros(2)
    >>> with autocast(torch.device("cpu"), "bf16"):
    ...     layer(vector).dtype
    torch.bfloat16
    """
    half = _HALF.get(precision)
    return torch.autocast(device.type, half, enabled=half is not None)


def default_precision(device: torch.device) -> Precision:
    """Return what a model that is not trained runs in: bf16 on a GPU, else fp32."""
    return "bf16" if device.type == "cuda" else "fp32"


def resolve_device(name: str) -> torch.device:
    """Return the device of a name; ``auto`` is a GPU where there is one.

    Raises
    ------
    TasbError
        If there is no such device here.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise TasbError(f"no device {name!r}; expected cpu, cuda or cuda:N") from error
    if device.type not in ("cpu", "cuda"):
        raise TasbError(f"no device {name!r}; expected cpu, cuda or cuda:N")
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        raise TasbError(f"no device {name!r}: torch sees {count} GPUs; use cpu")
    return device
