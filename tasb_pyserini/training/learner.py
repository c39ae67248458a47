"""A model that learns from batches."""

from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim import Adam

from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.batches.groups import PASS_COST, BatchEncoder, regroup
from tasb_pyserini.training.config import TrainingConfig, learning_rate_at
from tasb_pyserini.training.losses.contrastive import in_batch_contrastive


class Learner:
    """A model, its optimizer, and one way of updating it.

    Adam without weight decay, as in the authors' code.

    Parameters
    ----------
    model
        In train mode; moved to the accelerator's device.
    config
        Learning rate, its schedule, and the longest gradient.
    accelerator
        Device and precision.
    """

    def __init__(
        self, model: BertDot, config: TrainingConfig, accelerator: Accelerator
    ) -> None:
        self.model = model.to(accelerator.device)
        self.device: torch.device = accelerator.device
        self._config = config
        self._accelerator = accelerator
        adam = Adam(model.parameters(), lr=config.learning_rate, fused=True)
        self._encoder, self._optimizer = accelerator.prepare(BatchEncoder(model), adam)

    def update(self, batch: PairBatch, step: int) -> Tensor:
        """Make one update; return the loss before it, on the model's device.

        Parameters
        ----------
        batch
            Queries with their passages.
        step
            Updates made before this one.
        """
        texts = regroup(
            (batch.query, batch.pos, batch.neg), PASS_COST[self.device.type]
        )
        vectors: Tensor = self._encoder(texts.to(self.device))
        query, pos, neg = vectors.chunk(3)  # each (batch_size, dimension)
        loss = in_batch_contrastive(query, pos, neg)
        self._accelerator.backward(loss)
        self._accelerator.clip_grad_norm_(
            self._encoder.parameters(), self._config.max_grad_norm
        )
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate_at(step, self._config)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return loss.detach()

    def state(self) -> dict[str, Any]:
        """Return weights, optimizer and random state: tensors, numbers, containers."""
        cuda, scaler = self.device.type == "cuda", self._accelerator.scaler
        return {
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scaler": scaler.state_dict() if scaler else None,
            "random": torch.get_rng_state(),
            "cuda_random": torch.cuda.get_rng_state(self.device) if cuda else None,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` returned."""
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        if state["scaler"] and self._accelerator.scaler:
            self._accelerator.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["random"])
        if state["cuda_random"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state["cuda_random"], self.device)
