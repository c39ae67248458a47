"""The contrastive stage: a text finds the rest of its passage among a batch's."""

import torch
from accelerate import Accelerator
from torch import nn

from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.batches.groups import PASS_COST, BatchEncoder, regroup
from tasb_pyserini.training.losses.contrastive import contrastive
from tasb_pyserini.training.losses.scores import in_batch_scores
from tasb_pyserini.training.objective import Losses


class ContrastiveTask:
    """Trains BERT_DOT on pairs of texts, each against the others of its batch.

    Parameters
    ----------
    model
        In eval mode: without dropout, as in masked language modelling.
    """

    def __init__(self, model: BertDot) -> None:
        self.model: nn.Module = model
        self.wrapped: nn.Module = BatchEncoder(model)

    def learn(
        self,
        prepared: nn.Module,
        batch: PairBatch,
        weight: float,
        accelerator: Accelerator,
        *,
        last: bool,
    ) -> Losses:
        """Add the gradient of a batch; see :class:`~..tasks.task.Task`."""
        losses = self.losses_of(prepared, batch, accelerator.device)
        accelerator.backward(losses["loss"] * weight)
        return losses

    def losses_of(
        self, module: nn.Module, batch: PairBatch, device: torch.device
    ) -> Losses:
        """Return the loss of a batch, and how many texts find their own first.

        Parameters
        ----------
        module
            Of vectors, as it is or wrapped.
        batch
            ``query`` against ``pos``.
        device
            The module's.
        """
        texts = regroup([batch.query, batch.pos], PASS_COST[device.type])
        query, passage = module(texts.to(device)).chunk(2)
        scores = in_batch_scores(query, passage)
        own = torch.arange(len(scores), device=device)
        return {
            "loss": contrastive(scores),
            "in_batch_accuracy": (scores.argmax(dim=1) == own).float().mean(),
        }
