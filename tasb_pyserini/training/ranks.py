"""What several processes share: a batch's vectors and scores, and how a step ended."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import torch
import torch.distributed
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, gather_object
from torch import Tensor
from torch.distributed.nn.functional import all_gather

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.objective import Vectors

T = TypeVar("T")


def is_first() -> bool:
    """Tell whether this process is the only one, or the first of several."""
    return not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0


def on_all(accelerator: Accelerator, function: Callable[[], T]) -> T:
    """Run a function in every process; an error in one of them ends all.

    Without that, the others would wait for it until a timeout.

    Parameters
    ----------
    accelerator
        Knows the processes, all of which make this call.
    function
        Asks nothing of the other processes.

    Returns
    -------
    T
        What it returned in this process.

    Raises
    ------
    Exception
        What it raised in this process.
    TasbError
        What it raised in another one, as text.
    """
    if accelerator.num_processes == 1:
        return function()
    try:
        result = function()
    except Exception as error:
        gather_object([str(error)])
        raise
    elsewhere: list[str] = [text for text in gather_object([None]) if text is not None]
    if elsewhere:
        raise TasbError(elsewhere[0])
    return result


def on_main(accelerator: Accelerator, function: Callable[[], T]) -> T:
    """Run a function in the first process alone; return in all what it returned.

    Parameters
    ----------
    accelerator
        Knows the processes, all of which make this call.
    function
        Returns something small that can be pickled.

    Raises
    ------
    Exception
        As :func:`on_all`: in all processes, with the same text.
    """

    def run() -> list[T | None]:
        return [function() if accelerator.is_main_process else None]

    result = on_all(accelerator, run)
    broadcast_object_list(result)
    return result[0]  # type: ignore[return-value]  # it is the first process's


def gather_values(
    accelerator: Accelerator, function: Callable[[], Mapping[str, float]]
) -> Mapping[str, float]:
    """Run a function in every process; return in all what all of them returned.

    Parameters
    ----------
    accelerator
        Knows the processes, all of which make this call.
    function
        Returns values by names that no other process has.

    Raises
    ------
    Exception
        As :func:`on_all`.
    """
    own = on_all(accelerator, function)
    if accelerator.num_processes == 1:
        return own
    parts: list[Mapping[str, float]] = gather_object([own])
    return dict(chain.from_iterable(part.items() for part in parts))


def gather_vectors(vectors: Vectors) -> Vectors:
    """Return the vectors of the whole batch in its order; gradient flows back.

    Every process then computes the loss of the whole batch. The gradient that comes
    back to a vector is the sum over the processes, and DistributedDataParallel divides
    by their number: what is left is the gradient of one process with the whole batch.

    Parameters
    ----------
    vectors
        Of this process's share: every n-th query.
    """
    again = vectors.query_again
    return Vectors(
        _whole(vectors.query),
        _whole(vectors.pos),
        _whole(vectors.neg),
        None if again is None else _whole(again),
    )


def gather_rows(rows: Tensor) -> Tensor:
    """Return the rows of all shares in the order of the whole batch; no gradient."""
    if not torch.distributed.is_initialized():
        return rows
    parts = [torch.empty_like(rows) for _ in range(torch.distributed.get_world_size())]
    torch.distributed.all_gather(parts, rows.contiguous())
    return _in_order(parts)


def _whole(part: Tensor) -> Tensor:
    return _in_order(all_gather(part))  # type: ignore[no-untyped-call]  # torch's


def _in_order(parts: Sequence[Tensor]) -> Tensor:
    """Return row k of process r as row k · n + r."""
    return torch.stack(tuple(parts), dim=1).flatten(0, 1)
