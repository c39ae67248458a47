"""Vectors and scores of a batch that several processes share."""

from collections.abc import Sequence

import torch
import torch.distributed
from torch import Tensor
from torch.distributed.nn.functional import all_gather

from tasb_pyserini.training.objective import Vectors


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
