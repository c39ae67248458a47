"""The device that a model runs on."""

from typing import Literal

import torch

from tasb_pyserini.formats.errors import TasbError

Precision = Literal["fp32", "bf16"]


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
