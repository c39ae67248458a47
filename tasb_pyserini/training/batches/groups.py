"""The texts of a batch in groups of similar length, and on to vectors."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.training.batches.compose import Texts, stack

PASS_COST = {"cpu": 64, "cuda": 16_384}
"""What a forward pass costs beside its tokens, in tokens, by kind of device."""


class TextBatch(NamedTuple):
    """Padded texts, in groups of similar length.

    Parameters
    ----------
    input_ids, attention_mask
        One tensor a group, int64, shape ``(n_texts, n_tokens)``; the mask is 1 for
        tokens and 0 for padding.
    order
        Where in the groups, laid end to end, each text of the batch is; shape
        ``(n_texts,)``.
    """

    input_ids: list[Tensor]
    attention_mask: list[Tensor]
    order: Tensor

    def to(self, device: torch.device) -> "TextBatch":
        """Return the batch on a device."""
        return TextBatch(
            [ids.to(device) for ids in self.input_ids],
            [mask.to(device) for mask in self.attention_mask],
            self.order.to(device),
        )


def regroup(parts: Sequence[Texts], pass_cost: int) -> TextBatch:
    """Cut the padded texts of a batch into groups with little padding.

    Padded to the longest of them all, most of a random batch would be padding. Texts
    are sorted by length and cut into the groups that need the least computation.

    Parameters
    ----------
    parts
        Texts, in the order that the vectors will have.
    pass_cost
        Of one group; see :data:`PASS_COST`.
    """
    ids, mask = stack(parts)
    lengths = mask.sum(dim=1).numpy()
    groups = group_by_length(lengths, pass_cost)
    widths = [int(lengths[group[0]]) for group in groups]
    return TextBatch(
        [ids[group, :width] for group, width in zip(groups, widths, strict=True)],
        [mask[group, :width] for group, width in zip(groups, widths, strict=True)],
        torch.from_numpy(np.argsort(np.concatenate(groups))),
    )


def group_by_length(
    lengths: NDArray[np.integer], pass_cost: int
) -> list[NDArray[np.int64]]:
    """Return the groups with the least cost: `pass_cost` each, and their padded tokens.

    Groups are runs of the texts sorted by length, longest first; the best cuts are
    found by dynamic programming over prefixes.

    Examples
    --------
    >>> [group.tolist() for group in group_by_length(np.array([9, 100, 11, 90]), 64)]
    [[1, 3], [2, 0]]
    """
    by_length = np.argsort(-lengths, kind="stable")
    longest = lengths[by_length].astype(np.int64)
    n = len(lengths)
    least = np.zeros(n + 1, dtype=np.int64)  # of the first so many texts
    cut = np.zeros(n + 1, dtype=np.int64)  # where the last group of these starts
    starts = np.arange(n)
    for end in range(1, n + 1):
        costs = least[:end] + longest[:end] * (end - starts[:end]) + pass_cost
        cut[end] = costs.argmin()
        least[end] = costs[cut[end]]
    groups: list[NDArray[np.int64]] = []
    end = n
    while end:
        groups.append(by_length[cut[end] : end])
        end = int(cut[end])
    return groups[::-1]


class BatchEncoder(nn.Module):
    """Runs a model over all groups of a batch in one call.

    One call a step is what wrappers around a module, such as
    ``DistributedDataParallel``, count on.

    Parameters
    ----------
    model
        What turns texts into vectors.
    """

    def __init__(self, model: BertDot) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: TextBatch) -> Tensor:
        """Return one vector a text, in the order of the batch, ``(n_texts, dim)``."""
        groups = zip(batch.input_ids, batch.attention_mask, strict=True)
        return torch.cat([self.model(ids, mask) for ids, mask in groups])[batch.order]
