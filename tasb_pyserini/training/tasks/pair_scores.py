"""A teacher's scores of a batch, its passages in groups of similar length."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from tasb_pyserini.encoders.matchmaker.bert_cat import BertCat
from tasb_pyserini.training.batches.compose import PairBatch, Texts, stack
from tasb_pyserini.training.batches.groups import group_by_length
from tasb_pyserini.training.teachers.colbert import ColBert, colbert_scores
from tasb_pyserini.training.teachers.maxsim import maxsim_pairs
from tasb_pyserini.training.teachers.pairs import join_pair


class Group(NamedTuple):
    """Inputs of similar length.

    Parameters
    ----------
    rows
        Which of a batch's inputs they are: i and `batch_size` + i are those of the
        relevant and the non-relevant passage of query i; shape ``(n_texts,)``.
    inputs
        The model's arguments: token ids, mask and, of pairs, segments; each of shape
        ``(n_texts, n_tokens)``.
    """

    rows: Tensor
    inputs: tuple[Tensor, ...]

    def to(self, device: torch.device) -> "Group":
        """Return the group on a device."""
        inputs = tuple(part.to(device) for part in self.inputs)
        return Group(self.rows.to(device), inputs)


def group_passages(batch: PairBatch, pass_cost: int) -> list[Group]:
    """Return a batch's passages, relevant ones first, in groups with little padding.

    Parameters
    ----------
    batch
        On the CPU.
    pass_cost
        See :data:`~tasb_pyserini.training.batches.groups.PASS_COST`.
    """
    return _group(stack([batch.pos, batch.neg]), pass_cost)


def group_pairs(batch: PairBatch, pass_cost: int) -> list[Group]:
    """As `group_passages`, each passage joined with its query for a cross-encoder."""
    query = stack([batch.query, batch.query])
    return _group(join_pair(query, stack([batch.pos, batch.neg])), pass_cost)


class PairScores(nn.Module):
    """Runs a teacher over a whole batch in one call.

    Parameters
    ----------
    model
        ColBERT or BERT_CAT.
    """

    def __init__(self, model: ColBert | BertCat) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, query: Texts, groups: Sequence[Group], *, in_batch: bool
    ) -> Tensor:
        """Return the scores of each query's two passages, ``(2, batch_size)``.

        With `in_batch`, ColBERT's of each query with all passages of the batch,
        ``(batch_size, 2 · batch_size)``.

        Parameters
        ----------
        query
            The queries as ColBERT reads them.
        groups
            See `group_passages` for ColBERT, `group_pairs` for BERT_CAT.
        in_batch
            Which scores.
        """
        order = torch.cat([group.rows for group in groups]).argsort()
        if isinstance(self.model, BertCat):
            scores = torch.cat([self.model(*group.inputs) for group in groups])
            return scores[order].view(2, -1)
        if in_batch:
            texts = [Texts(*group.inputs) for group in groups]
            return colbert_scores(self.model, query, texts)[:, order]
        vectors = self.model(*query)
        n_queries = len(vectors)
        pairs = [
            maxsim_pairs(
                vectors[group.rows % n_queries],
                query.attention_mask[group.rows % n_queries],
                self.model(*group.inputs),
                group.inputs[1],
            )
            for group in groups
        ]
        return torch.cat(pairs)[order].view(2, -1)


def _group(inputs: tuple[Tensor, ...], pass_cost: int) -> list[Group]:
    lengths = inputs[1].sum(dim=1).numpy()
    return [
        Group(
            torch.from_numpy(rows),
            tuple(part[rows, : int(lengths[rows[0]])] for part in inputs),
        )
        for rows in group_by_length(lengths, pass_cost)
    ]
