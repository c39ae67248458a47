"""What a learner asks of a model in training."""

from typing import Protocol

from accelerate import Accelerator
from torch import nn

from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.objective import Losses


class Task(Protocol):
    """A model, and its way from a batch to losses and gradients.

    Attributes
    ----------
    model
        Whose weights learn and are saved.
    wrapped
        The module that is called once a batch, as wrappers such as
        ``DistributedDataParallel`` want it; `model` is inside.
    """

    model: nn.Module
    wrapped: nn.Module

    def learn(
        self,
        prepared: nn.Module,
        batch: PairBatch,
        weight: float,
        accelerator: Accelerator,
        *,
        last: bool,
    ) -> Losses:
        """Add the gradient of a batch's weighted loss to the weights'.

        Parameters
        ----------
        prepared
            `wrapped`, as the accelerator gave it back.
        batch
            Of this process.
        weight
            Of this batch in an update.
        accelerator
            Device, precision and the other processes.
        last
            Whether it is the update's last batch.

        Returns
        -------
        dict
            ``loss`` and its parts.
        """
