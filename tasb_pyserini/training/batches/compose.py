"""A batch of pairs as padded tensors."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.sampling.sampler import IndexBatch
from tasb_pyserini.training.tokens import TokenTable


class Texts(NamedTuple):
    """Some texts, padded to the longest of them.

    Parameters
    ----------
    input_ids
        Token ids; int64, shape ``(n_texts, n_tokens)``.
    attention_mask
        1 for tokens, 0 for padding; int64, same shape.
    """

    input_ids: Tensor
    attention_mask: Tensor

    def to(self, device: torch.device) -> "Texts":
        """Return the texts on a device."""
        return Texts(*(part.to(device) for part in self))


class PairBatch(NamedTuple):
    """Queries, each with a relevant and a non-relevant passage.

    Parameters
    ----------
    number
        The batch's, counted from 0.
    query, pos, neg
        Text i of each belongs to query i; at most as many tokens wide as the
        encoder's spec allows (TAS-B: 30 and 200, special tokens included).
    pos_score, neg_score
        The pairwise teacher's scores; fp32, shape ``(batch_size,)``; None where the
        pairs have none.
    """

    number: int
    query: Texts
    pos: Texts
    neg: Texts
    pos_score: Tensor | None
    neg_score: Tensor | None

    def rows(self, rows: slice) -> "PairBatch":
        """Return some of the queries with all that belongs to them."""
        query, pos, neg = (
            Texts(*(part[rows] for part in texts))
            for texts in (self.query, self.pos, self.neg)
        )
        pos_score, neg_score = (
            None if part is None else part[rows]
            for part in (self.pos_score, self.neg_score)
        )
        return PairBatch(self.number, query, pos, neg, pos_score, neg_score)

    def share(self, rank: int, world_size: int) -> "PairBatch":
        """Return what one of several processes takes of the batch.

        As :meth:`~tasb_pyserini.training.sampling.sampler.IndexBatch.share` parts the
        numbers, so that a process may compose its share alone or take it of the whole.
        """
        return self.rows(slice(rank, None, world_size))


def compose(data: TrainingData, number: int, batch: IndexBatch) -> PairBatch:
    """Return the texts and scores of a batch that was drawn by numbers."""
    pairs, passages = data.pairs, data.passages
    return PairBatch(
        number,
        pad(data.queries, data.query_rows[batch.query]),
        pad(passages, data.passage_rows[pairs.pos[batch.row]]),
        pad(passages, data.passage_rows[pairs.neg[batch.row]]),
        _scores(pairs.pos_score, batch.row),
        _scores(pairs.neg_score, batch.row),
    )


def pad(table: TokenTable, rows: NDArray[np.int64]) -> Texts:
    """Return some texts of a table, padded to the longest of them.

    Which token fills the room doesn't matter: the mask hides it; it is 0, BERT's [PAD].
    """
    starts = table.offsets[rows]
    lengths = table.offsets[rows + 1] - starts
    columns = np.arange(lengths.max())
    mask = columns < lengths[:, None]
    ids = np.zeros(mask.shape, dtype=np.int64)
    ids[mask] = table.tokens[(starts[:, None] + columns)[mask]]
    return Texts(torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64)))


def frame(texts: Sequence[NDArray[np.integer]], tokenizer: Tokenizer) -> Texts:
    """Return texts between [CLS] and [SEP], padded to the longest of them."""
    lengths = np.array([len(text) + 2 for text in texts])
    sep_id = tokenizer.token_to_id("[SEP]")
    ids = np.zeros((len(texts), lengths.max()), dtype=np.int64)
    ids[:, 0] = tokenizer.token_to_id("[CLS]")
    for row, text in zip(ids, texts, strict=True):
        row[1 : len(text) + 1] = text
        row[len(text) + 1] = sep_id
    mask = np.arange(ids.shape[1]) < lengths[:, None]
    return Texts(torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64)))


def stack(parts: Sequence[Texts]) -> Texts:
    """Return several texts behind each other, padded to the widest of them."""
    width = max(part.input_ids.shape[1] for part in parts)
    return Texts(
        *(
            torch.cat(
                [nn.functional.pad(part, (0, width - part.shape[1])) for part in column]
            )
            for column in zip(*parts, strict=True)
        )
    )


def _scores(
    scores: NDArray[np.float32] | None, rows: NDArray[np.int64]
) -> Tensor | None:
    return None if scores is None else torch.from_numpy(scores[rows])
