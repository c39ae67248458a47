"""A model that learns from batches."""

from collections.abc import Sequence
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch.optim import Adam

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.schedule import learning_rate_at
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
        self.accelerator = accelerator
        self._task, self._config = task, config
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
                self.accelerator,
                last=place == len(batches) - 1,
            )
            for place, batch in enumerate(batches)
        ]
        self.accelerator.clip_grad_norm_(
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

    def is_finite(self) -> bool:
        """Tell whether all weights are numbers, as they are not after a bad update."""
        weights = self.model.parameters()
        return bool(torch.stack([each.isfinite().all() for each in weights]).all())

    def state(self) -> dict[str, Any]:
        """Return weights, optimizer and random states: tensors, numbers, containers.

        Every process has a random state of its own, and all make this call.
        """
        cuda, scaler = self.device.type == "cuda", self.accelerator.scaler
        random = {
            "cpu": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state(self.device) if cuda else None,
        }
        return {
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scaler": scaler.state_dict() if scaler else None,
            "random_states": gather_object([random]),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` returned.

        Raises
        ------
        TasbError
            If another number of processes returned it.
        """
        ranks = self.accelerator.num_processes
        if (saved := len(state["random_states"])) != ranks:
            raise TasbError(
                f"saved by {saved} process{'es' * (saved > 1)}, now there "
                f"{'is 1' if ranks == 1 else f'are {ranks}'}; expected {saved} again, "
                "or another folder to start anew"
            )
        random = state["random_states"][self.accelerator.process_index]
        _leave_out_pooler(state)
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        if state["scaler"] and self.accelerator.scaler:
            self.accelerator.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(random["cpu"])
        if random["cuda"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(random["cuda"], self.device)


def _leave_out_pooler(state: dict[str, Any]) -> None:
    """Take BERT's pooler, its last layer, out of a student's older state.

    Such a state has it without a gradient, and so without anything of Adam's.
    """
    names = [name for name in state["model"] if name.startswith("transformer.pooler.")]
    for name in names:
        del state["model"][name]
        state["optimizer"]["param_groups"][0]["params"].pop()
