"""A GPU's memory that is too small, said in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tasb_pyserini.formats.errors import TasbError


@contextmanager
def fits_memory(device: torch.device, what: str, remedy: str) -> Iterator[None]:
    """Say what to do where a GPU's memory does not hold what is computed inside.

    Parameters
    ----------
    device
        Where it is computed.
    what
        What does not fit.
    remedy
        What needs less.

    Raises
    ------
    TasbError
        If it does not fit.

    Examples
    --------
    >>> with fits_memory(torch.device("cuda"), "a batch of 32", "lower --batch-size"):
    ...     raise torch.OutOfMemoryError
    Traceback (most recent call last):
    ...
    tasb_pyserini.formats.errors.TasbError: cuda: its memory is too small for a batch \
of 32; end what else runs on it, or lower --batch-size
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise TasbError(
            f"{device}: its memory is too small for {what}; end what else runs on it, "
            f"or {remedy}"
        ) from error
