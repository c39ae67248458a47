"""The teachers themselves: ColBERT and BERT_CAT, trained on pairs."""

from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn.functional import softplus

from tasb_pyserini.encoders.matchmaker.bert_cat import BertCat
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.batches.groups import PASS_COST
from tasb_pyserini.training.losses.contrastive import contrastive
from tasb_pyserini.training.losses.margin_mse import margin_mse
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.tasks.pair_scores import (
    PairScores,
    group_pairs,
    group_passages,
)
from tasb_pyserini.training.teachers.colbert import ColBert, append_masks
from tasb_pyserini.training.teachers.kind import TeacherLoss


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

    Raises
    ------
    TasbError
        If the loss is ``contrastive``, but the model BERT_CAT.
    """

    def __init__(
        self,
        model: ColBert | BertCat,
        loss: TeacherLoss,
        *,
        masks: int = 0,
        mask_id: int = 0,
    ) -> None:
        self._is_cat = isinstance(model, BertCat)
        if loss == "contrastive" and self._is_cat:
            raise TasbError(
                "contrastive: BERT_CAT would read every query with every passage of a "
                "batch; expected ranknet or margin-mse"
            )
        self.model: nn.Module = model
        self.wrapped: nn.Module = PairScores(model)
        self._loss, self._masks, self._mask_id = loss, masks, mask_id

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
        group = group_pairs if self._is_cat else group_passages
        groups = [some.to(device) for some in group(batch, PASS_COST[device.type])]
        query = append_masks(batch.query, self._masks, self._mask_id).to(device)
        in_batch = self._loss == "contrastive"
        scores = prepared(query, groups, in_batch=in_batch).float()
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
