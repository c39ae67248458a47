"""What the teachers say of a batch."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tasb_pyserini.encoders.device import autocast
from tasb_pyserini.training.batches.compose import PairBatch, Texts
from tasb_pyserini.training.batches.groups import PASS_COST, regroup
from tasb_pyserini.training.config import MixedPrecision
from tasb_pyserini.training.objective import Targets
from tasb_pyserini.training.teachers.colbert import (
    ColBert,
    append_masks,
    colbert_scores,
)


@dataclass(frozen=True, slots=True)
class InBatchTeacher:
    """A ColBERT that scores every query of a batch with every passage.

    Parameters
    ----------
    model
        In eval mode on the student's device; no gradient reaches it.
    masks
        [MASK] tokens behind each query.
    mask_id
        Token id of [MASK].
    precision
        What its transformer computes in; MaxSim is fp32.
    """

    model: ColBert
    masks: int
    mask_id: int
    precision: MixedPrecision = "no"

    def scores(self, query: Texts, passages: tuple[Texts, ...]) -> Tensor:
        """Return the scores, fp32, shape ``(n_queries, n_passages)``.

        Passages are read in groups of similar length, as the student reads them.
        """
        device = next(self.model.parameters()).device
        grouped = regroup(passages, PASS_COST[device.type]).to(device)
        parts = list(map(Texts, grouped.input_ids, grouped.attention_mask))
        masked = append_masks(query, self.masks, self.mask_id)
        with torch.no_grad(), autocast(device, self.precision):
            scores = colbert_scores(self.model, masked.to(device), parts)
            return scores[:, grouped.order]


def targets_of(
    batch: PairBatch,
    own: PairBatch,
    teacher: InBatchTeacher | None,
    gather: Callable[[Tensor], Tensor],
    device: torch.device,
) -> Targets:
    """Return what the teachers say of a batch, on a device.

    Parameters
    ----------
    batch
        All queries and passages that the loss is about.
    own
        This process's share of them: ColBERT reads its queries, and all passages.
    teacher
        None where no in-batch teacher is wanted.
    gather
        Takes the rows of this process, returns those of all.
    device
        Of the student.
    """
    in_batch = None
    if teacher is not None:
        in_batch = gather(teacher.scores(own.query, (batch.pos, batch.neg)))
    pos, neg = batch.pos_score, batch.neg_score
    return Targets(
        None if pos is None else pos.to(device),
        None if neg is None else neg.to(device),
        in_batch,
    )
