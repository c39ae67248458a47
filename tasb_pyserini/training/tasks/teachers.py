"""The teachers themselves: ColBERT and BERT_CAT, trained on pairs."""

from typing import Literal

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn.functional import softplus

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.compose import PairBatch, Texts
from tasb_pyserini.training.losses.contrastive import contrastive
from tasb_pyserini.training.losses.margin_mse import margin_mse
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.teachers.bert_cat import BertCat
from tasb_pyserini.training.teachers.colbert import (
    ColBert,
    append_masks,
    colbert_pair_scores,
    colbert_scores,
)
from tasb_pyserini.training.teachers.pairs import join_pair

TeacherLoss = Literal["ranknet", "margin-mse", "contrastive"]


class PairScores(nn.Module):
    """Scores of each query's two passages, shape ``(2, batch_size)``.

    Parameters
    ----------
    model
        ColBERT or BERT_CAT.
    """

    def __init__(
        self, model: ColBert | BertCat, masks: int = 0, mask_id: int = 0
    ) -> None:
        super().__init__()
        self.model = model
        self.masks, self.mask_id = masks, mask_id

    def forward(
        self, query: Texts, pos: Texts, neg: Texts, *, in_batch: bool
    ) -> Tensor:
        """Return pair scores, or with `in_batch` all scores of the batch."""
        if isinstance(self.model, BertCat):
            both = [join_pair(query, passage) for passage in (pos, neg)]
            return torch.stack([self.model(*pair) for pair in both])
        query = append_masks(query, self.masks, self.mask_id)
        if in_batch:
            return colbert_scores(self.model, query, (pos, neg))
        return torch.stack(colbert_pair_scores(self.model, query, pos, neg))


class TeacherTask:
    """Trains a teacher on pairs: by their order, or by another teacher's scores.

    Parameters
    ----------
    model
        In train mode.
    loss
        ``ranknet``: cross entropy of the two passages' order (binary labels);
        ``margin-mse``: another teacher's margins, as the published teachers were
        trained (Hofstätter et al. 2020); ``contrastive``: in-batch negatives, ColBERT
        only, as TCT-ColBERT trains its teacher (eq. 1).
    masks, mask_id
        [MASK] tokens behind each query of ColBERT.
    """

    def __init__(
        self,
        model: ColBert | BertCat,
        loss: TeacherLoss,
        *,
        masks: int = 0,
        mask_id: int = 0,
    ) -> None:
        if loss == "contrastive" and isinstance(model, BertCat):
            raise TasbError(
                "contrastive: BERT_CAT would read every query with every passage of a "
                "batch; expected ranknet or margin-mse"
            )
        self.model: nn.Module = model
        self.wrapped: nn.Module = PairScores(model, masks, mask_id)
        self._loss = loss

    def learn(
        self,
        prepared: nn.Module,
        batch: PairBatch,
        weight: float,
        accelerator: Accelerator,
        *,
        last: bool,
    ) -> Losses:
        """Add the gradient of a batch; see :class:`~.task.Task`."""
        device = accelerator.device
        texts = (
            Texts(part.input_ids.to(device), part.attention_mask.to(device))
            for part in (batch.query, batch.pos, batch.neg)
        )
        scores = prepared(*texts, in_batch=self._loss == "contrastive").float()
        loss = self._losses(scores, batch)
        accelerator.backward(loss * weight)
        return {"loss": loss}

    def _losses(self, scores: Tensor, batch: PairBatch) -> Tensor:
        if self._loss == "contrastive":
            return contrastive(scores)
        pos, neg = scores
        if self._loss == "ranknet":
            return softplus(neg - pos).mean()
        if batch.pos_score is None or batch.neg_score is None:
            raise TasbError(
                "margin-mse: the pairs have no scores; expected scored pairs"
            )
        return margin_mse(
            pos, neg, batch.pos_score.to(pos.device), batch.neg_score.to(pos.device)
        )
