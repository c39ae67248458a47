"""A model that learns from batches."""

from collections.abc import Sequence
from typing import Any

import torch
from accelerate import Accelerator
from torch.optim import Adam

from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.config import TrainingConfig, learning_rate_at
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.tasks.task import Task


class Learner:
    """A model, its optimizer, and one way of updating it.

    Adam without weight decay, as in the authors' code.

    Parameters
    ----------
    task
        Its model is in train mode; it is moved to the accelerator's device.
    config
        Learning rate, its schedule, and the longest gradient.
    accelerator
        Device, precision and the other processes.
    """

    def __init__(
        self, task: Task, config: TrainingConfig, accelerator: Accelerator
    ) -> None:
        self.model = task.model.to(accelerator.device)
        self.device: torch.device = accelerator.device
        self._task, self._config, self._accelerator = task, config, accelerator
        adam = Adam(self.model.parameters(), lr=config.learning_rate, fused=True)
        self._module, self._optimizer = accelerator.prepare(task.wrapped, adam)

    def update(self, batches: Sequence[PairBatch], step: int) -> Losses:
        """Make one update; return the mean losses before it, on the model's device.

        Parameters
        ----------
        batches
            Of this process.
        step
            Updates made before this one.
        """
        losses = [
            self._task.learn(
                self._module,
                batch,
                1 / len(batches),
                self._accelerator,
                last=place == len(batches) - 1,
            )
            for place, batch in enumerate(batches)
        ]
        self._accelerator.clip_grad_norm_(
            self._module.parameters(), self._config.max_grad_norm
        )
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate_at(step, self._config)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return {
            name: torch.stack([each[name].detach() for each in losses]).mean()
            for name in losses[0]
        }

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
