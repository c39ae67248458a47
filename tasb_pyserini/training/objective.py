"""What a student is told to make smaller: the losses of a batch, put together."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.losses.contrastive import contrastive
from tasb_pyserini.training.losses.dual import dual_supervision
from tasb_pyserini.training.losses.in_batch_margin_mse import in_batch_margin_mse
from tasb_pyserini.training.losses.kl_divergence import kl_divergence
from tasb_pyserini.training.losses.lambda_loss import lambda_loss
from tasb_pyserini.training.losses.listnet import listnet
from tasb_pyserini.training.losses.margin_mse import margin_mse
from tasb_pyserini.training.losses.scores import in_batch_scores
from tasb_pyserini.training.losses.tct import tct_kl_divergence

Losses = dict[str, Tensor]
"""Scalars by name; ``loss`` is what training makes smaller."""

InBatch = Callable[[Tensor, Tensor, TrainingConfig], Tensor]

IN_BATCH: dict[str, InBatch] = {
    "margin-mse": lambda scores, teacher, config: in_batch_margin_mse(
        scores, teacher, normalisation=config.normalisation
    ),
    "kl-divergence": lambda scores, teacher, _: kl_divergence(scores, teacher),
    "listnet": lambda scores, teacher, _: listnet(scores, teacher),
    "lambda": lambda scores, teacher, config: lambda_loss(
        scores, teacher, normalisation=config.normalisation
    ),
    "tct-kl": lambda scores, teacher, config: tct_kl_divergence(
        scores, teacher, temperature=config.temperature
    ),
}
"""In-batch losses that follow a teacher, by the setting's value."""


class Vectors(NamedTuple):
    """The vectors of a batch, each of shape ``(batch_size, dimension)``.

    Parameters
    ----------
    query, pos, neg
        Row i of each belongs to query i.
    query_again
        The queries under another dropout, for their own non-relevant passages; None
        where queries are encoded once.
    """

    query: Tensor
    pos: Tensor
    neg: Tensor
    query_again: Tensor | None = None


class Targets(NamedTuple):
    """What teachers say of a batch.

    Parameters
    ----------
    pos, neg
        The pairwise teacher's scores, shape ``(batch_size,)``.
    in_batch
        ColBERT's scores of every query with all relevant, then all non-relevant
        passages; shape ``(batch_size, 2 · batch_size)``.
    """

    pos: Tensor | None
    neg: Tensor | None
    in_batch: Tensor | None


def compute_losses(
    vectors: Vectors, targets: Targets, config: TrainingConfig
) -> Losses:
    """Return the losses of a batch: ``loss`` and, where there are two, its parts.

    Dual supervision (TAS-B paper, eq. 8) is a pair loss plus a weighted in-batch loss.

    Raises
    ------
    TasbError
        If the pairs have no teacher scores, but the pair loss needs them.
    """
    scores = in_batch_scores(vectors.query, torch.cat([vectors.pos, vectors.neg]))
    parts: Losses = {}
    if config.pair_loss == "margin-mse":
        parts["pair_loss"] = _pair_loss(vectors, targets, scores)
    if config.in_batch_loss == "contrastive":
        parts["in_batch_loss"] = contrastive(scores)
    elif config.in_batch_loss != "none":
        if targets.in_batch is None:
            raise TasbError(f"in_batch_loss {config.in_batch_loss}: needs a ColBERT")
        loss = IN_BATCH[config.in_batch_loss]
        parts["in_batch_loss"] = loss(scores, targets.in_batch, config)
    if len(parts) == 1:
        return {"loss": next(iter(parts.values()))}
    total = dual_supervision(
        parts["pair_loss"],
        parts["in_batch_loss"],
        in_batch_weight=config.in_batch_weight,
    )
    return {"loss": total, **parts}


def _pair_loss(vectors: Vectors, targets: Targets, scores: Tensor) -> Tensor:
    if targets.pos is None or targets.neg is None:
        raise TasbError(
            "pair_loss margin-mse: the pairs have no teacher scores; expected scored "
            "pairs ('tasb score', 'tasb pairs import')"
        )
    own_neg = scores.diagonal(len(scores))
    if vectors.query_again is not None:
        own_neg = in_batch_scores(vectors.query_again, vectors.neg).diagonal()
    return margin_mse(scores.diagonal(), own_neg, targets.pos, targets.neg)
