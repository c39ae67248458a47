"""BERT_DOT: one or two teachers, in-batch negatives."""

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.batches.groups import BatchEncoder
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.gradient_cache import learn_cached
from tasb_pyserini.training.objective import Losses, Vectors, compute_losses
from tasb_pyserini.training.ranks import gather_rows, gather_vectors
from tasb_pyserini.training.teaching import InBatchTeacher, targets_of


class DotTask:
    """Trains a student.

    Parameters
    ----------
    model
        In train mode.
    config
        Losses, and how a batch is encoded.
    teacher
        The in-batch teacher; None where the in-batch loss needs none.
    """

    def __init__(
        self,
        model: BertDot,
        config: TrainingConfig,
        teacher: InBatchTeacher | None = None,
    ) -> None:
        self.model: nn.Module = model
        self.wrapped: nn.Module = BatchEncoder(model)
        if config.compile:
            self.wrapped = BatchEncoder(torch.compile(model))  # type: ignore[arg-type]  # it stands for the model
        self.teacher = teacher
        self._config = config

    def learn(
        self,
        prepared: nn.Module,
        batch: PairBatch,
        weight: float,
        accelerator: Accelerator,
        *,
        last: bool,
    ) -> Losses:
        """Add the gradient of a batch; see :class:`~.task.Task`.

        With `gather`, all processes get the same whole batch and share it.
        """
        gathers = self._config.gather and accelerator.num_processes > 1
        own = batch
        if gathers:
            own = batch.share(accelerator.process_index, accelerator.num_processes)

        def gather(rows: Tensor) -> Tensor:
            return gather_rows(rows) if gathers else rows

        targets = targets_of(batch, own, self.teacher, gather, accelerator.device)

        def losses_of(vectors: Vectors) -> Losses:
            whole = gather_vectors(vectors) if gathers else vectors
            return compute_losses(whole, targets, self._config)

        return learn_cached(
            prepared, own, losses_of, weight, self._config, accelerator, last=last
        )
